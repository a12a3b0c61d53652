"""Taking an operator's folder in: what is good comes, what is not is named."""

import io
import json
import struct
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from sampark.cli.gifs import gifs
from sampark.gifs import importing
from sampark.gifs.importing import import_folder
from sampark.gifs.library import Library


def film(count: int = 3, size: tuple[int, int] = (40, 30), kind: str = "GIF", **options: object) -> bytes:
    frames = [Image.new("RGB", size, (40 * number % 255, 90, 200)) for number in range(count)]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=90, **options)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data" / "gifs"


async def only(data: Path, query: str, language: str = "en") -> object:
    (gif,) = [gif for gif in (await Library(data).search(query, language)).gifs if len(gif.id) == 64]
    return gif


@pytest.mark.parametrize(("name", "kind"), [("a.gif", "GIF"), ("a.webp", "WEBP"), ("a.PNG", "PNG"), ("a.avif", "AVIF")])
async def test_each_kind_becomes_a_moving_webp_and_a_poster(folder: Path, data: Path, name: str, kind: str) -> None:
    (folder / name).write_bytes(film(4, (960, 240), kind))
    report = import_folder(folder, data)
    assert report.added == [name]
    assert not report.refused
    library = Library(data)
    (gif,) = [gif for gif in (await library.search("a", "en")).gifs if len(gif.id) == 64]
    assert (gif.width, gif.height) == (480, 120)
    path, _ = library.file(gif.id) or (Path(), "")
    with Image.open(path) as image:
        assert image.format == "WEBP"
        assert image.n_frames == 4
        assert image.size == (480, 120)
    still, _ = library.still(gif.id) or (Path(), "")
    with Image.open(still) as image:
        assert image.format == "WEBP"
        assert not image.is_animated
        assert image.size == (480, 120)


async def test_words_come_from_the_table(folder: Path, data: Path) -> None:
    (folder / "x1.gif").write_bytes(film())
    (folder / "tags.csv").write_text(
        "\ufefffile,title,title_hi,tags,tags_hi,alt,alt_hi\n"
        'x1.gif,Annual day,वार्षिकोत्सव,"stage, annual day",मंच;उत्सव,Children on a stage,मंच पर बच्चे\n',
        encoding="utf-8",
    )
    report = import_folder(folder, data)
    assert report.added == ["x1.gif"]
    assert report.to_describe == []
    for query in ("annual day", "stage", "मंच", "उत्सव"):
        gif = await only(data, query, "hi")
        assert (gif.title, gif.alt) == ("वार्षिकोत्सव", "मंच पर बच्चे")  # type: ignore[attr-defined]


async def test_what_of_the_table_goes_nowhere_is_told(folder: Path, data: Path) -> None:
    (folder / "x1.gif").write_bytes(film())
    (folder / "tags.csv").write_text("file,title,keywords\nx1.gif,Annual day,stage\nx2.gif,Other,\n")
    report = import_folder(folder, data)
    assert report.added == ["x1.gif"]
    assert [("'keywords'" in said, "x2.gif" in said) for said in report.unused] == [(True, False), (False, True)]


async def test_words_beside_the_file_come_before_the_table(folder: Path, data: Path) -> None:
    (folder / "x1.gif").write_bytes(film())
    (folder / "x1.json").write_text(json.dumps({"title": "Sports day", "tags": ["race", 7, None], "alt": "A race"}))
    (folder / "tags.csv").write_text("file,title\nx1.gif,Other\n")
    import_folder(folder, data)
    gif = await only(data, "race")
    assert (gif.title, gif.alt) == ("Sports day", "A race")  # type: ignore[attr-defined]


async def test_without_words_the_name_speaks_and_a_description_is_asked_for(folder: Path, data: Path) -> None:
    (folder / "happy_zebra-dance.gif").write_bytes(film())
    report = import_folder(folder, data)
    assert report.to_describe == ["happy_zebra-dance.gif"]
    gif = await only(data, "zebra")
    assert gif.title == gif.alt == "happy zebra dance"  # type: ignore[attr-defined]


async def test_a_hostile_title_stays_text(folder: Path, data: Path) -> None:
    (folder / "x1.gif").write_bytes(film())
    (folder / "x1.json").write_text(json.dumps({"title": "<svg onload=alert(1)>\r\n\u202e" + "z" * 999, "alt": "q"}))
    import_folder(folder, data)
    gif = await only(data, "svg")
    assert gif.title.startswith("<svg onload=alert(1)> zzz")
    assert len(gif.title) == 120


def test_the_same_bytes_are_taken_once(folder: Path, data: Path) -> None:
    (folder / "a.gif").write_bytes(film())
    (folder / "b.gif").write_bytes(film())
    first = import_folder(folder, data)
    again = import_folder(folder, data)
    assert (first.added, first.known) == (["a.gif"], ["b.gif"])
    assert (again.added, again.known) == ([], ["a.gif", "b.gif"])
    assert len(list(data.iterdir())) == 3


def test_a_second_import_adds_to_the_first(folder: Path, data: Path) -> None:
    (folder / "a.gif").write_bytes(film())
    import_folder(folder, data)
    (folder / "a.gif").write_bytes(film(5))
    import_folder(folder, data)
    assert len(json.loads((data / "index.json").read_text())["gifs"]) == 2


async def test_a_running_library_sees_an_import(folder: Path, data: Path) -> None:
    library = Library(data)
    assert (await library.search("zebra", "en")).gifs == ()
    (folder / "zebra.gif").write_bytes(film())
    import_folder(folder, data)
    assert len((await library.search("zebra", "en")).gifs) == 1


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _bomb() -> bytes:
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _too_many_frames() -> bytes:
    one, two = Image.new("P", (2, 2), 0), Image.new("P", (2, 2), 1)
    out = io.BytesIO()
    one.putpalette([0, 0, 0, 255, 255, 255])
    two.putpalette([0, 0, 0, 255, 255, 255])
    one.save(out, "GIF", save_all=True, append_images=[two, one] * 205, duration=20)
    return out.getvalue()


BROKEN = {
    "bomb.png": (_bomb, "pixels"),
    "wide.gif": (lambda: film(2, (2100, 2000)), "pixels"),
    "long.gif": (_too_many_frames, "too long"),
    "still.gif": (lambda: film(1), "does not move"),
    "cut.webp": (lambda: film(4, (200, 200), "WEBP")[:200], "no picture"),
    "empty.gif": (lambda: b"", "no picture"),
    "page.gif": (lambda: b"<html><script>alert(1)</script>", "no picture"),
    "drawing.gif": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", "no picture"),
    "photo.gif": (lambda: _saved("TIFF"), "no picture"),
    "icon.png": (lambda: _saved("ICO"), "no picture"),
    "large.gif": (lambda: film() + b"\0" * importing.MOST_BYTES, "larger than 5 MB"),
}


def _saved(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32)).save(out, kind)
    return out.getvalue()


def test_what_is_broken_is_named_and_the_rest_is_taken(folder: Path, data: Path) -> None:
    for name, (make, _) in BROKEN.items():
        (folder / name).write_bytes(make())
    (folder / "zz.gif").write_bytes(film())
    (folder / "beside.gif").write_bytes(film(6))
    (folder / "beside.json").write_text("[" * 50_000)
    (folder / "tags.csv").write_bytes(b"file,title\n\xff\xfe,x\n")
    (folder / "folder.gif").mkdir()
    (folder / "notes.txt").write_text("not ours")
    report = import_folder(folder, data)
    assert report.added == ["zz.gif"]
    assert set(report.refused) == {*BROKEN, "beside.gif", "tags.csv"}
    for name, (_, reason) in BROKEN.items():
        assert reason in report.refused[name], name
    kept = {path.name for path in data.iterdir()}
    assert len(kept) == 3
    assert not any(name.startswith(".") for name in kept)


def test_a_long_film_is_made_smaller_instead_of_filling_memory(
    folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MOST_KEPT", 10 * 50 * 50)
    (folder / "a.gif").write_bytes(film(10, (100, 100)))
    import_folder(folder, data)
    (entry,) = json.loads((data / "index.json").read_text())["gifs"]
    assert (entry["width"], entry["height"]) == (50, 50)


def test_what_is_kept_has_no_metadata(folder: Path, data: Path) -> None:
    (folder / "a.webp").write_bytes(film(3, kind="WEBP", exif=b"Exif\0\0MM\0*GPS-secret", xmp=b"<x>XMP-secret</x>"))
    assert b"secret" in (folder / "a.webp").read_bytes()
    import_folder(folder, data)
    assert all(b"secret" not in path.read_bytes() for path in data.glob("*.webp"))


def test_a_crash_before_the_index_leaves_the_old_one(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.gif").write_bytes(film())
    import_folder(folder, data)
    before = (data / "index.json").read_bytes()
    (folder / "b.gif").write_bytes(film(5))
    with monkeypatch.context() as broken:
        broken.setattr(importing, "_write_index", _full_disk)
        with pytest.raises(OSError, match="full"):
            import_folder(folder, data)
    assert (data / "index.json").read_bytes() == before
    assert import_folder(folder, data).added == ["b.gif"]


def test_a_full_disk_leaves_nothing_half_written(folder: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.gif").write_bytes(film())
    monkeypatch.setattr(importing.os, "fsync", _full_disk)
    with pytest.raises(OSError, match="full"):
        import_folder(folder, data)
    assert list(data.iterdir()) == []


def _full_disk(*arguments: object) -> None:
    raise OSError("the disk is full")


def test_the_command_says_what_happened(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPARK_DATA_DIR", str(tmp_path / "var"))
    (folder / "a.gif").write_bytes(film())
    told = CliRunner().invoke(gifs, ["import", str(folder)])
    assert told.exit_code == 0, told.output
    assert "1 added, 0 known already, 0 left out." in told.output
    assert "please describe a.gif" in told.output
    assert (tmp_path / "var" / "gifs" / "index.json").is_file()
    (folder / "b.gif").write_bytes(b"GIF89a")
    told = CliRunner().invoke(gifs, ["import", str(folder)])
    assert told.exit_code == 1
    assert "left out: b.gif: is no picture that can be read" in told.output
    assert CliRunner().invoke(gifs, ["import", str(folder / "nowhere")]).exit_code == 2
