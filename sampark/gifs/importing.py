"""Taking an operator's folder of animations into the local library.

Every file is decoded and encoded anew: what is served is ours, of known size, without metadata, whatever came in. What is
broken or too large is named in the report and left out; the rest goes on.
"""

import csv
import hashlib
import io
import json
import os
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, ImageSequence

from sampark.gifs import web
from sampark.gifs.library import INDEX

SUFFIXES = {".gif", ".webp", ".png", ".avif"}
FORMATS = ("GIF", "WEBP", "PNG", "AVIF")
MOST_BYTES = 5 * 1024 * 1024
MOST_FRAMES = 400
MOST_PIXELS = 4_000_000
"""In one frame."""
MOST_IN_ALL = 120_000_000
"""Pixels that are decoded of one file: 400 frames of the largest kind would take minutes."""
LARGEST = 480
"""Pixels of the longer side of what is kept."""
MOST_KEPT = 40_000_000
"""Pixels of all frames of one file together, which the encoder holds at once (160 MB); longer films are made smaller."""
COLUMNS = ("title", "title_hi", "tags", "tags_hi", "alt", "alt_hi")


class Refused(ValueError):
    """Why a file is left out, as a sentence for the operator."""


@dataclass
class Report:
    """File names, each with what there is to say of it."""

    added: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    """Whose bytes the library already has."""
    to_describe: list[str] = field(default_factory=list)
    """Without alt text of their own; the title stands in."""
    refused: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    """What of `tags.csv` went nowhere, as sentences: columns with other names, rows of files that are not there."""


def import_folder(folder: Path, data_folder: Path) -> Report:
    """Take every animation that lies directly in `folder` into the library at `data_folder` (made if need be).

    Words come from `NAME.json` beside `NAME.gif` (the COLUMNS as keys, tags a list or one string), else from the row of
    `tags.csv` whose `file` it is, else from the file's name. Raises OSError if a folder cannot be read or written.
    """
    data_folder.mkdir(parents=True, exist_ok=True)
    entries = _known(data_folder)
    report = Report()
    table = _table(folder, report)
    report.unused += [f"tags.csv names {name}, which is not there" for name in table if not (folder / name).is_file()]
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            _take(path, table.get(path.name, {}), data_folder, entries, report)
    _write_index(data_folder, list(entries.values()))
    return report


def _take(
    path: Path, row: Mapping[str, object], data_folder: Path, entries: dict[str, dict[str, Any]], report: Report
) -> None:
    try:
        body = _read(path)
        id = hashlib.sha256(body).hexdigest()
        if id in entries:
            report.known.append(path.name)
            return
        film, still, size, frames = _encoded(body)
        words = _sidecar(path) or row
        entry = _described(path, words)
    except Refused as refused:
        report.refused[path.name] = str(refused)
        return
    _write(data_folder / f"{id}.webp", film)
    _write(data_folder / f"{id}.still.webp", still)
    entries[id] = {"id": id, **entry, "width": size[0], "height": size[1], "frames": frames, "file": path.name}
    report.added.append(path.name)
    if not web.words(words.get("alt"), 300):
        report.to_describe.append(path.name)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})") from error
    if len(body) > MOST_BYTES:
        raise Refused(f"larger than {MOST_BYTES // 1024 // 1024} MB")
    return body


def _encoded(body: bytes) -> tuple[bytes, bytes, tuple[int, int], int]:
    """The animation and its poster as WebP, their size, the number of frames."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(body), formats=FORMATS) as image:
                frames, durations = _frames(image)
        return _saved(frames, durations), _saved(frames[:1], durations[:1]), frames[0].size, len(frames)
    except Refused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("has too many pixels") from error
    except Exception as error:  # decoders raise whatever they meet: SyntaxError, struct.error, EOFError, …
        raise Refused(f"is no picture that can be read ({type(error).__name__})") from error


def _frames(image: Image.Image) -> tuple[list[Image.Image], list[int]]:
    width, height = image.size
    count = int(getattr(image, "n_frames", 1))
    if width * height > MOST_PIXELS:
        raise Refused(f"has too many pixels: {width} × {height}")
    if count < 2:
        raise Refused("does not move: it has one frame")
    if count > MOST_FRAMES or count * width * height > MOST_IN_ALL:
        raise Refused(f"is too long: {count} frames of {width} × {height}")
    box = _box(width, height, count)
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(_milliseconds(frame.info.get("duration")))
        small = frame.convert("RGBA")
        small.thumbnail(box, Image.Resampling.LANCZOS)
        frames.append(small)
    return frames, durations


def _box(width: int, height: int, count: int) -> tuple[int, int]:
    shrink = min(1.0, LARGEST / max(width, height), (MOST_KEPT / (count * width * height)) ** 0.5)
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _milliseconds(value: object) -> int:
    """Browsers show frames of less than 20 ms for 100 ms, and so do we."""
    shown = int(value) if isinstance(value, int | float) else 100
    return min(shown, 60_000) if shown >= 20 else 100


def _saved(frames: list[Image.Image], durations: list[int]) -> bytes:
    out = io.BytesIO()
    if len(frames) == 1:
        frames[0].save(out, "WEBP", quality=80, method=4)
    else:
        frames[0].save(
            out, "WEBP", save_all=True, append_images=frames[1:], duration=durations, loop=0, quality=72, method=4
        )
    return out.getvalue()


def _described(path: Path, words: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    given = {column: web.words(words.get(column), 300) for column in ("title", "title_hi", "alt", "alt_hi")}
    title = given["title"] or web.words(re.sub(r"[-_.]+", " ", path.stem), 120) or "GIF"
    tags, tags_hi = _tags(words.get("tags")), _tags(words.get("tags_hi"))
    return {
        "title": {"en": title[:120], "hi": given["title_hi"][:120]},
        "tags": {"en": tags or title.split(), "hi": tags_hi},
        "alt": {"en": given["alt"] or title, "hi": given["alt_hi"]},
    }


def _tags(value: object) -> list[str]:
    """A list, or words with commas or semicolons between, or else with spaces."""
    if isinstance(value, str):
        value = re.split(r"[,;]", value) if re.search("[,;]", value) else value.split()
    listed = value if isinstance(value, list) else []
    return [tag for tag in (web.words(one, 60) for one in listed[:40]) if tag]


def _sidecar(path: Path) -> Mapping[str, object]:
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        with beside.open("rb") as file:
            found = json.loads(file.read(100_000))
    except (OSError, ValueError, RecursionError) as error:
        raise Refused(f"{beside.name} beside it cannot be read") from error
    if not isinstance(found, dict):
        raise Refused(f"{beside.name} beside it is no JSON object")
    return found


def _table(folder: Path, report: Report) -> dict[str, Mapping[str, object]]:
    try:
        return dict(_rows((folder / "tags.csv").read_text(encoding="utf-8-sig"), report))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, csv.Error) as error:
        report.refused["tags.csv"] = f"cannot be read ({error})"
        return {}


def _rows(text: str, report: Report) -> Iterator[tuple[str, Mapping[str, object]]]:
    table = csv.DictReader(io.StringIO(text, newline=""))
    for column in table.fieldnames or ():
        if column not in {"file", *COLUMNS}:
            report.unused.append(
                f"tags.csv has a column {column!r}, which means nothing; these do: file, {', '.join(COLUMNS)}"
            )
    for row in table:
        if row.get("file"):
            yield row["file"].strip(), {column: row.get(column) for column in COLUMNS}


def _known(data_folder: Path) -> dict[str, dict[str, Any]]:
    """The entries of the index whose files are there."""
    try:
        listed = json.loads((data_folder / INDEX).read_bytes())["gifs"]
        return {entry["id"]: entry for entry in listed if (data_folder / f"{entry['id']}.webp").is_file()}
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _write_index(data_folder: Path, entries: list[dict[str, Any]]) -> None:
    """Last, and at once: a crash before leaves files that no index names, and the next import uses them again."""
    _write(data_folder / INDEX, json.dumps({"gifs": entries}, ensure_ascii=False, indent=1).encode())


def _write(path: Path, body: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
