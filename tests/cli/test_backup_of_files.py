"""Files in backups, and `sampark check --files`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.databases import serving, settings_for, sqlite_url
from tests.files.pictures import scene, written
from tests.support import PASSWORD, Site

PLACE = re.compile(r'(?:href|src)="(/files/[^"]+)"')


async def talk(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    files = ("files", "hill.jpg", written(scene(), "JPEG")), ("files", "notes.txt", b"one\ntwo")
    assert (await asha.upload(f"/rooms/{room}/messages", *files)).status == 303
    assert (await asha.upload("/profile", ("picture", "me.png", written(scene(), "PNG")))).status == 303


def live(folder: Path) -> None:
    async def inside() -> None:
        async with serving(settings_for(folder, sqlite_url(folder / "sampark.db"))) as site:
            await talk(site)

    with asyncio.Runner() as runner:
        runner.run(inside())


def blobs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "files").rglob("*") if path.is_file()}


@pytest.fixture
def sampark(empty_sqlite: str, command_for: Callable[[str], Command], tmp_path: Path, quick: None) -> Command:
    """With a life behind it."""
    live(tmp_path)
    command = command_for(sqlite_url(tmp_path / "sampark.db"))
    command.environment["SAMPARK_DATA_DIR"] = str(tmp_path)
    return command


def test_a_backup_holds_the_files(sampark: Command, command_for: Callable[[str], Command], tmp_path: Path) -> None:
    archive = tmp_path / "backup.zip"
    assert sampark("backup", str(archive)).exit_code == 0
    there = tmp_path / "there"
    elsewhere = command_for(sqlite_url(there / "sampark.db"))
    elsewhere.environment["SAMPARK_DATA_DIR"] = str(there)
    result = elsewhere("restore", str(archive))
    assert result.exit_code == 0, result.output
    assert blobs(there) == blobs(tmp_path)
    assert len(blobs(there)) == 3 + 1 + 4
    assert elsewhere("check", "--files").exit_code == 0

    async def look() -> None:
        async with serving(settings_for(there, elsewhere.environment["DATABASE_URL"])) as site:
            visitor = site.stranger()
            await visitor.post("/login", {"username": "asha", "password": PASSWORD})
            [room] = {word.partition('"')[0] for word in (await visitor.get("/")).text.split('data-room="')[1:]}
            addresses = PLACE.findall((await visitor.room(room)).articles[1])
            assert len(addresses) >= 4
            for address in addresses:
                assert (await visitor.get(address.replace("&amp;", "&"))).status == 200

    with asyncio.Runner() as runner:
        runner.run(look())


def test_check_removes_what_belongs_to_nothing_and_names_what_is_missing(sampark: Command, tmp_path: Path) -> None:
    whole = blobs(tmp_path)
    assert "Mended" not in sampark("check", "--files").output
    assert blobs(tmp_path) == whole

    stray = tmp_path / "files" / "aa" / "aa" / ("a" * 64)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"of nobody")
    lost = next(path for path in (tmp_path / "files").rglob("*") if path.is_file() and path.read_bytes() == b"one\ntwo")
    kept = lost.read_bytes()
    lost.unlink()
    result = sampark("check", "--files")
    assert result.exit_code == 1
    assert "Mended: 1 " in result.output
    assert "notes.txt" in result.output
    assert not stray.exists()

    lost.write_bytes(kept)
    assert sampark("check", "--files").exit_code == 0
    assert blobs(tmp_path) == whole
