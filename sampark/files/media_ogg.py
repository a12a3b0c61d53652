"""Ogg (RFC 3533, section 6), with Opus (RFC 7845), Vorbis, FLAC or Theora in it.

A page's granule position is the sender's claim of how far the sound has come. For Opus the packets themselves say how long
they last, and the smaller of the two counts.
"""

from dataclasses import dataclass

from sampark.files.media_source import Media, Source, TooManySteps, Track, opus_seconds

MAGIC = b"OggS"
_BEGINS, _CONTINUES = 0x02, 0x01
_NONE = -1
"""The granule position of a page on which no packet ends."""


@dataclass(slots=True)
class _Stream:
    link: int
    kind: str = ""
    codec: str = ""
    rate: int = 0
    """Granules a second."""
    preskip: int = 0
    granule: int = 0
    packets: int = 0
    heard: float = 0.0
    """Seconds of its Opus packets."""

    @property
    def seconds(self) -> float:
        claimed = (self.granule - self.preskip) / self.rate if self.rate else 0.0
        if self.codec == "opus":
            claimed = min(claimed, self.heard - self.preskip / self.rate)
        return max(0.0, claimed)


def read(source: Source) -> Media:
    walk = _Walk(source)
    duration: float | None = None
    try:
        walk.all()
        duration = walk.duration
    except TooManySteps:
        pass
    return Media("ogg", [Track(stream.kind, stream.codec) for stream in walk.streams if stream.kind], duration)


class _Walk:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.streams: list[_Stream] = []
        self.current: dict[int, _Stream] = {}
        """By serial number, those of the present link of the chain."""
        self.is_in_heads = True

    @property
    def duration(self) -> float:
        """Streams of one link sound together, links one after the other."""
        longest: dict[int, float] = {}
        for stream in self.streams:
            longest[stream.link] = max(stream.seconds, longest.get(stream.link, 0.0))
        return sum(longest.values())

    def all(self) -> None:
        at = 0
        while (head := self.source.read(at, 27))[:4] == MAGIC and len(head) == 27:
            self.source.step()
            lacing = self.source.read(at + 27, head[26])
            body = at + 27 + head[26]
            serial = int.from_bytes(head[14:18], "little")
            if head[5] & _BEGINS:
                self.begin(serial, self.source.read(body, 64))
            else:
                self.is_in_heads = False
                self.go_on(serial, head, lacing, body)
            at = body + sum(lacing)

    def begin(self, serial: int, packet: bytes) -> None:
        if not self.is_in_heads:
            self.is_in_heads = True
            self.current = {}
        link = self.streams[-1].link + (not self.current) if self.streams else 0
        self.current[serial] = stream = _Stream(link)
        self.streams.append(stream)
        if packet.startswith(b"OpusHead"):
            stream.kind, stream.codec, stream.rate = "audio", "opus", 48000
            stream.preskip = int.from_bytes(packet[10:12], "little")
        elif packet.startswith(b"\x01vorbis"):
            stream.kind, stream.codec, stream.rate = "audio", "vorbis", int.from_bytes(packet[12:16], "little")
        elif packet.startswith(b"\x7fFLAC"):
            stream.kind, stream.codec, stream.rate = "audio", "flac", int.from_bytes(packet[27:30], "big") >> 4
        elif packet.startswith(b"Speex   "):
            stream.kind, stream.codec, stream.rate = "audio", "speex", int.from_bytes(packet[36:40], "little")
        elif packet.startswith(b"\x80theora"):
            stream.kind, stream.codec = "video", "theora"

    def go_on(self, serial: int, head: bytes, lacing: bytes, body: int) -> None:
        stream = self.current.get(serial)
        if stream is None:
            return
        granule = int.from_bytes(head[6:14], "little", signed=True)
        if granule != _NONE:
            stream.granule = max(stream.granule, granule)
        if stream.codec == "opus":
            self.hear(stream, lacing, body, is_inside=bool(head[5] & _CONTINUES))

    def hear(self, stream: _Stream, lacing: bytes, at: int, *, is_inside: bool) -> None:
        """The packets that begin on a page; a lacing value of 255 says that its packet goes on. The first one is a comment."""
        for size in lacing:
            if not is_inside:
                self.source.step()
                stream.packets += 1
                if stream.packets > 1:
                    stream.heard += opus_seconds(self.source.read(at, 2))
            is_inside = size == 255
            at += size
