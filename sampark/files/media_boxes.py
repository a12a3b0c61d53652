"""MP4, M4A, QuickTime and 3GP, whole or in fragments (ISO/IEC 14496-12, "ISO base media file format").

The boxes are walked flat, as `media_ebml` walks elements. Durations in headers are not believed: the tables of samples are,
as far as there can be samples.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from sampark.files.media_source import Media, Source, TooManySteps, Track
from sampark.files.problems import CannotRead

_OPENED = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"}
_BRANDS = {b"qt  ": "mov", b"3gp": "3gp", b"3g2": "3gp"}
_KINDS = {b"soun": "audio", b"vide": "video"}
_CODECS = {
    b"Opus": "opus",
    b"fLaC": "flac",
    b".mp3": "mp3",
    b"avc1": "h264",
    b"avc3": "h264",
    b"hvc1": "hevc",
    b"hev1": "hevc",
    b"vp08": "vp8",
    b"vp09": "vp9",
    b"av01": "av1",
    b"sowt": "pcm",
    b"twos": "pcm",
    b"lpcm": "pcm",
    b"ipcm": "pcm",
    b"fpcm": "pcm",
}
_OBJECT_TYPES = {0x40: "aac", 0x66: "aac", 0x67: "aac", 0x68: "aac", 0x69: "mp3", 0x6B: "mp3"}
"""What `mp4a` may hold: the registered object types of ISO/IEC 14496-1, table 5."""
_MOST_TRACKS = 64
_PIECE = 32 * 1024


def is_start(head: bytes) -> bool:
    """Whether a file that begins so (8 bytes) is of this family."""
    return head[4:8] == b"ftyp"


def read(source: Source) -> Media:
    walk = _Walk(source)
    duration: float | None = None
    try:
        walk.all()
        duration = max((track.seconds for track in walk.tracks if track.kind), default=0.0)
    except TooManySteps:
        pass
    tracks = [Track(track.kind, track.codec) for track in walk.tracks if track.kind]
    return Media(walk.container, tracks, duration)


@dataclass(slots=True)
class _Trak:
    id: int = 0
    kind: str = ""
    codec: str = ""
    timescale: int = 0
    default: int = 0
    """Ticks of a sample in a fragment that does not say."""
    samples: int = 0
    ticks: int = 0
    """How many samples the table of durations counts, and how long they are together."""
    most_samples: int | None = None
    """How many there are by the table of sizes."""
    begin: int | None = None
    """Where its fragments begin, and where the last of them ends."""
    end: int = 0

    @property
    def seconds(self) -> float:
        ticks = self.ticks
        if self.most_samples is not None and self.samples > self.most_samples:
            ticks = ticks * self.most_samples // self.samples
        begin = 0 if ticks else self.begin or 0
        return max(0, max(self.end, ticks) - begin) / self.timescale if self.timescale else 0.0


class _Walk:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.container = "mp4"
        self.tracks: list[_Trak] = []
        self.current = _Trak()
        """The track that a box within `trak` or `traf` belongs to; before the first one nobody's."""
        self.default = 0
        self.time: int | None = None

    def all(self) -> None:
        at, end = 0, self.source.size
        while at + 8 <= end:
            self.source.step()
            head = self.source.read(at, 16)
            size, name, start = int.from_bytes(head[:4], "big"), head[4:8], at + 8
            if size == 1:
                size, start = int.from_bytes(head[8:16], "big"), at + 16
            stop = end if size == 0 else min(at + size, end)
            if stop < start:
                return
            self.meet(name, start, stop)
            at = start if name in _OPENED else stop

    def meet(self, name: bytes, start: int, stop: int) -> None:
        match name:
            case b"ftyp":
                brand = self.source.read(start, 4)
                self.container = _BRANDS.get(brand) or _BRANDS.get(brand[:3], "mp4")
            case b"trak":
                self.current = _Trak()
                self.tracks.append(self.current)
                if len(self.tracks) > _MOST_TRACKS:
                    raise CannotRead("too-complex")
            case b"traf":
                self.current, self.time = _Trak(), None
            case b"tkhd":
                self.current.id = self.source.number(start + (20 if self.version(start) else 12), 4)
            case b"mdhd":
                self.current.timescale = self.source.number(start + (20 if self.version(start) else 12), 4)
            case b"hdlr":
                self.current.kind = self.current.kind or _KINDS.get(self.source.read(start + 8, 4), "")
            case b"stsd":
                self.current.codec = _codec(self.source.read(start + 8, min(stop - start, 512)))
            case b"stts":
                self.count(start, stop)
            case b"stsz" | b"stz2":
                self.current.most_samples = min(self.source.number(start + 8, 4), self.source.size)
            case b"trex":
                track = self.track(self.source.number(start + 4, 4))
                track.default = self.source.number(start + 12, 4)
            case b"tfhd":
                self.enter(start)
            case b"tfdt":
                self.time = self.source.number(start + 4, 8 if self.version(start) else 4)
            case b"trun":
                self.run(start, stop)

    def version(self, start: int) -> int:
        return self.source.number(start, 1)

    def track(self, number: int) -> _Trak:
        return next((track for track in self.tracks if track.id == number), _Trak())

    def count(self, start: int, stop: int) -> None:
        """The table of samples' durations: rows of how many samples and how many ticks each."""
        for samples, ticks in self.rows(start + 8, stop, ">II"):
            self.current.samples += samples
            self.current.ticks += samples * ticks

    def enter(self, start: int) -> None:
        flags = self.source.number(start + 1, 3)
        self.current = self.track(self.source.number(start + 4, 4))
        at = start + 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
        self.default = self.source.number(at, 4) if flags & 0x8 else self.current.default

    def run(self, start: int, stop: int) -> None:
        """The samples of a fragment, one row each; the rows hold what the flags say, the duration first."""
        flags, samples = self.source.number(start + 1, 3), self.source.number(start + 4, 4)
        samples = min(samples, self.source.size)
        if flags & 0x100:
            at = start + 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
            more = sum(4 for flag in (0x200, 0x400, 0x800) if flags & flag)
            stop = min(stop, at + samples * (4 + more))
            ticks = sum(row[0] for row in self.rows(at, stop, f">I{more}x"))
        else:
            ticks = samples * self.default
        begin = self.current.end if self.time is None else self.time
        self.current.begin = begin if self.current.begin is None else min(begin, self.current.begin)
        self.time = begin + ticks
        self.current.end = max(self.current.end, self.time)

    def rows(self, at: int, stop: int, form: str) -> Iterator[tuple[int, ...]]:
        """A table's rows, read piece by piece; half a row at the end is none."""
        size = struct.calcsize(form)
        while stop - at >= size:
            self.source.step()
            piece = self.source.read(at, min(stop - at, _PIECE) // size * size)
            yield from struct.iter_unpack(form, piece)
            at += len(piece)


def _codec(entry: bytes) -> str:
    """The first sample entry: its size, its name, and for `mp4a` an `esds` box somewhere that says what is in it."""
    name = entry[4:8]
    if name == b"mp4a":
        return _OBJECT_TYPES.get(_object_type(entry), "aac" if b"esds" not in entry else "mp4a")
    return _CODECS.get(name) or name.decode("ascii", "replace").strip().lower()


def _object_type(entry: bytes) -> int:
    """From the descriptors of ISO/IEC 14496-1, section 7.2.6: ES_Descriptor (tag 3), in it DecoderConfigDescriptor (tag 4)."""
    at = entry.find(b"esds") + 8
    at = _past_length(entry, at + 1) + 3
    if entry[at : at + 1] != b"\x04":
        return 0
    return int.from_bytes(entry[_past_length(entry, at + 1) :][:1], "big")


def _past_length(entry: bytes, at: int) -> int:
    """A descriptor's length is up to four bytes long, each but the last with its highest bit set."""
    for _ in range(3):
        if not entry[at : at + 1] > b"\x7f":
            break
        at += 1
    return at + 1
