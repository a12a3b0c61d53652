"""WebM and Matroska (RFC 8794 for EBML, RFC 9559 for the elements).

The elements are walked flat: each id has one meaning wherever it stands, so that a parent's size, which may be unknown (as a
browser's recorder writes it) or a lie, is not needed to find its children. The header's duration is never believed: the times
of the blocks are what a player will meet.
"""

from dataclasses import dataclass

from sampark.files.media_source import Media, Source, TooManySteps, Track, opus_seconds
from sampark.files.problems import CannotRead

MAGIC = b"\x1a\x45\xdf\xa3"


class _Id:
    HEADER, DOC_TYPE = 0x1A45DFA3, 0x4282
    SEGMENT, INFO, TIMESTAMP_SCALE = 0x18538067, 0x1549A966, 0x2AD7B1
    TRACKS, TRACK, TRACK_NUMBER, TRACK_TYPE = 0x1654AE6B, 0xAE, 0xD7, 0x83
    CODEC, DEFAULT_DURATION, CODEC_DELAY = 0x86, 0x23E383, 0x56AA
    CLUSTER, TIMESTAMP, SIMPLE_BLOCK = 0x1F43B675, 0xE7, 0xA3
    GROUP, BLOCK, BLOCK_DURATION, DISCARD_PADDING = 0xA0, 0xA1, 0x9B, 0x75A2


_OPENED = {_Id.HEADER, _Id.SEGMENT, _Id.INFO, _Id.TRACKS, _Id.TRACK, _Id.CLUSTER, _Id.GROUP}
_KINDS = {1: "video", 2: "audio"}
_CODECS = {
    "A_MPEG/L3": "mp3",
    "A_PCM/INT/LIT": "pcm",
    "A_PCM/INT/BIG": "pcm",
    "A_PCM/FLOAT/IEEE": "pcm",
    "V_MPEG4/ISO/AVC": "h264",
    "V_MPEGH/ISO/HEVC": "hevc",
}
"""Those whose name is not simply what follows `A_` or `V_`."""
_MOST_TRACKS = 64


@dataclass(slots=True)
class _Entry:
    number: int = 0
    kind: str = ""
    codec: str = ""
    frame: float = 0.0
    """Seconds of one frame, if the track says so."""
    delay: float = 0.0
    """Seconds at the start that a decoder throws away."""


@dataclass(slots=True)
class _Element:
    id: int
    start: int
    end: int
    is_sized: bool


@dataclass(slots=True)
class _Block:
    start: float = 0.0
    end: float = 0.0
    is_exact: bool = True
    """Its duration comes from the sound itself."""


def read(source: Source) -> Media:
    walk = _Walk(source)
    try:
        walk.all()
        duration = walk.duration
    except TooManySteps:
        duration = None
    if walk.doc_type not in {"webm", "matroska"}:
        raise CannotRead("unknown-format")
    return Media(walk.doc_type, walk.tracks, duration)


class _Walk:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.doc_type = ""
        self.entries: list[_Entry] = []
        self.scale = 0.001
        """Seconds of one tick; 1 ms unless the file says otherwise."""
        self.cluster = 0.0
        self.block = _Block()
        self.begin: float | None = None
        self.end = 0.0
        self.skipped: list[tuple[float, int, int]] = []
        """Of the clusters passed over, the first and the last in time: second, place, place of the end."""

    @property
    def tracks(self) -> list[Track]:
        return [Track(entry.kind, entry.codec) for entry in self.entries if entry.kind]

    @property
    def duration(self) -> float:
        return max(0.0, self.end - (self.begin or 0.0))

    def all(self) -> None:
        self.between(0, self.source.size, is_skipping=True)
        for _, start, end in sorted(set(self.skipped)):
            self.between(start, end, is_skipping=False)

    def between(self, at: int, end: int, *, is_skipping: bool) -> None:
        while at < end and (element := self.element(at)):
            self.source.step()
            if is_skipping and element.id == _Id.CLUSTER and element.is_sized and self.skip(element):
                at = element.end
                continue
            self.meet(element)
            at = element.start if element.id in _OPENED else element.end

    def element(self, at: int) -> _Element | None:
        """The element that starts there; None where none can."""
        head = self.source.read(at, 12)
        width = 9 - head[0].bit_length() if head else 9
        if width > 4 or len(head) <= width:
            return None
        size_width = 9 - head[width].bit_length()
        start = at + width + size_width
        if size_width > 8 or start > self.source.size:
            return None
        unknown = (1 << 7 * size_width) - 1
        size = int.from_bytes(head[width : width + size_width], "big") & unknown
        end = self.source.size if size == unknown else min(start + size, self.source.size)
        return _Element(int.from_bytes(head[:width], "big"), start, end, size != unknown)

    def skip(self, cluster: _Element) -> bool:
        """A cluster that says where it ends and when it begins is passed over, for all but the first and the last."""
        time = self.element(cluster.start)
        if time is None or time.id != _Id.TIMESTAMP or time.end >= cluster.end:
            return False
        here = (self.value(time) * self.scale, cluster.start, cluster.end)
        self.skipped = [min([here, *self.skipped]), max([here, *self.skipped])]
        return True

    def meet(self, element: _Element) -> None:
        match element.id:
            case _Id.DOC_TYPE:
                self.doc_type = self.text(element)
            case _Id.TIMESTAMP_SCALE:
                self.scale = self.value(element) / 1e9 or self.scale
            case _Id.TRACK:
                self.entries.append(_Entry())
                if len(self.entries) > _MOST_TRACKS:
                    raise CannotRead("too-complex")
            case _Id.TIMESTAMP:
                self.cluster = self.value(element) * self.scale
            case _Id.SIMPLE_BLOCK | _Id.BLOCK:
                self.hear(element)
            case _Id.BLOCK_DURATION if not self.block.is_exact:
                self.block.end = self.block.start + self.value(element) * self.scale
                self.end = max(self.end, self.block.end)
            case _Id.DISCARD_PADDING:
                self.discard(element)
            case _ if self.entries:
                self.describe(self.entries[-1], element)

    def describe(self, entry: _Entry, element: _Element) -> None:
        match element.id:
            case _Id.TRACK_NUMBER:
                entry.number = self.value(element)
            case _Id.TRACK_TYPE:
                entry.kind = _KINDS.get(self.value(element), "")
            case _Id.CODEC:
                name = self.text(element)
                entry.codec = _CODECS.get(name) or name[2:].partition("/")[0].lower()
            case _Id.DEFAULT_DURATION:
                entry.frame = self.value(element) / 1e9
            case _Id.CODEC_DELAY:
                entry.delay = self.value(element) / 1e9

    def hear(self, element: _Element) -> None:
        """A block: its track's number, the time after its cluster's in ticks (signed), flags, the frames."""
        head = self.source.read(element.start, min(element.end - element.start, 14))
        width = 9 - head[0].bit_length() if head else 9
        if width > 8 or len(head) < width + 4:
            return
        number = int.from_bytes(head[:width], "big") & ((1 << 7 * width) - 1)
        entry = next((entry for entry in self.entries if entry.number == number and entry.kind), None)
        if entry is None:
            return
        start = self.cluster + int.from_bytes(head[width : width + 2], "big", signed=True) * self.scale
        is_laced = bool(head[width + 2] & 0x06)
        is_exact = entry.codec == "opus" and not is_laced
        lasts = opus_seconds(head[width + 3 :]) if is_exact else entry.frame
        self.block = _Block(start, start + lasts - entry.delay, is_exact)
        self.begin = start if self.begin is None else min(self.begin, start)
        self.end = max(self.end, self.block.end)

    def discard(self, element: _Element) -> None:
        """What the decoder throws away at the end of the last block (nanoseconds)."""
        padding = min(self.value(element) / 1e9, self.block.end - self.block.start)
        if self.block.end == self.end and padding > 0:
            self.end -= padding

    def value(self, element: _Element) -> int:
        return self.source.number(element.start, min(element.end - element.start, 8))

    def text(self, element: _Element) -> str:
        raw = self.source.read(element.start, min(element.end - element.start, 64))
        return raw.rstrip(b"\0").decode("ascii", "replace")
