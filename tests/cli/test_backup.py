"""`sampark backup` and `sampark restore`: all of it, into either database, or nothing."""

from __future__ import annotations

import datetime
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.databases import serving, settings_for, sqlite_url
from tests.support import PASSWORD, Site

COLUMNS = {
    "users": "id, username, username_key, email, email_key, password_hash, display_name, is_admin, last_seen, theme, language,"
    " sounds, created_at",
    "rooms": "id, code, name, description, created_by_id, is_global, version, last_seq, created_at",
    "memberships": "id, room_id, user_id, role, joined_at, read_seq",
    "messages": "id, room_id, user_id, seq, version, posted_version, message_type, content, html, file_name,"
    " client_key, timestamp, deleted_at",
}


def everything(sampark: Command) -> dict[str, list[tuple[Any, ...]]]:
    """All rows, in values that both databases would agree on."""
    return {
        table: [
            tuple(common(value) for value in row) for row in sampark.rows(f"SELECT {columns} FROM {table} ORDER BY id")
        ]
        for table, columns in COLUMNS.items()
    }


def common(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(" ")
    if isinstance(value, str) and value[:2] == "20" and value[4:5] == "-" and ":" in value:
        return datetime.datetime.fromisoformat(value).astimezone(datetime.UTC).isoformat(" ")
    return value


async def live(site: Site) -> None:
    """A little of everything that can be stored."""
    asha, ravi = await site.person("asha", display_name="आशा <b>"), await site.person("ravi", is_admin=True)
    room = await site.room(asha, name="Café ☕ 'quotes' \"and\" \\ more")
    await ravi.join(room)
    await asha.say(room, "**hello** \x0b नमस्ते 👩‍👧\nsecond line\u2028third", key="a key")
    await ravi.say(room, "soon gone")
    await ravi.unsay(room, 3)
    await ravi.leave(room)
    await asha.post("/preferences", {"theme": "dark", "language": "hi", "sounds": "off"})
    many = await site.room(ravi, say=2_345)
    await ravi.room(many)


@pytest.fixture
def full(database: str, tmp_path: Path, redis_url: str, command_for: Callable[[str], Command], quick: None) -> Command:
    """A database with a life behind it."""
    import asyncio

    async def fill() -> None:
        async with serving(
            settings_for(tmp_path, database, redis_url if database.startswith("postgres") else None)
        ) as site:
            await live(site)

    with asyncio.Runner() as runner:
        runner.run(fill())
    return command_for(database)


@pytest.fixture
def archive(full: Command, tmp_path: Path) -> Path:
    result = full("backup", str(tmp_path / "backup.zip"))
    assert result.exit_code == 0, result.output
    return tmp_path / "backup.zip"


@pytest.fixture
def elsewhere(tmp_path: Path, command_for: Callable[[str], Command]) -> Command:
    """A new SQLite database."""
    return command_for(sqlite_url(tmp_path / "elsewhere" / "sampark.db"))


def test_a_backup_of_either_restores_into_sqlite(full: Command, archive: Path, elsewhere: Command) -> None:
    before = everything(full)
    assert len(before["messages"]) == 2_349
    result = elsewhere("restore", str(archive))
    assert result.exit_code == 0, result.output
    assert "2349 messages" in result.output
    assert everything(elsewhere) == before
    assert elsewhere.rows("SELECT COUNT(*) FROM sessions") == [(0,)]


def test_a_backup_restores_into_postgres_and_life_goes_on(
    full: Command,
    archive: Path,
    own_postgres: str,
    command_for: Callable[[str], Command],
    request: pytest.FixtureRequest,
) -> None:
    before = everything(full)
    there = command_for(request.getfixturevalue("empty_postgres"))  # the very same database is emptied first
    from tests.databases import apart, truncate

    apart(truncate(own_postgres))
    result = there("restore", str(archive))
    assert result.exit_code == 0, result.output
    assert everything(there) == before
    # New rows get new ids.
    there.people("mina")
    assert there("room", "create", "--global", "Everyone").exit_code == 0
    assert there.rows("SELECT COUNT(*) FROM memberships m JOIN rooms r ON r.id = m.room_id WHERE r.is_global") == [(3,)]


def test_everyone_signs_in_anew_and_finds_everything(
    archive: Path, elsewhere: Command, tmp_path: Path, quick: None
) -> None:
    import asyncio

    assert elsewhere("restore", str(archive)).exit_code == 0

    async def look() -> None:
        async with serving(settings_for(tmp_path, elsewhere.environment["DATABASE_URL"])) as site:
            visitor = site.stranger()
            assert (await visitor.post("/login", {"username": "asha", "password": PASSWORD})).status == 303
            home = await visitor.get("/")
            assert "Café ☕ &#39;quotes&#39;" in home.text
            [room] = {word.partition('"')[0] for word in home.text.split('data-room="')[1:]}
            assert await visitor.say(room, "and on it goes") == 5

    with asyncio.Runner() as runner:
        runner.run(look())


def test_a_backup_is_for_its_owner_and_holds_no_session(archive: Path) -> None:
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with zipfile.ZipFile(archive) as file:
        assert {*file.namelist()} == {
            "users.jsonl",
            "rooms.jsonl",
            "memberships.jsonl",
            "messages.jsonl",
            "blobs.jsonl",
            "files.jsonl",
            "embeds.jsonl",
            "embed_origins.jsonl",
            "embed_keys.jsonl",
            "embed_guests.jsonl",
            "about.json",
        }
        about = json.loads(file.read("about.json"))
    assert about["rows"] == {
        "users": 2, "rooms": 2, "memberships": 2, "messages": 2_349, "blobs": 0, "files": 0,
        "embeds": 0, "embed_origins": 0, "embed_keys": 0, "embed_guests": 0,
    }  # fmt: skip
    assert [path.name for path in archive.parent.glob("backup.zip*")] == ["backup.zip"]


def test_a_backup_replaces_an_older_one_only_when_it_is_whole(
    full: Command, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sampark.cli import backup

    before = archive.read_bytes()

    async def breaks(*_: object) -> int:
        raise RuntimeError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(backup, "_write", breaks)
        assert full("backup", str(archive)).exit_code != 0
    assert archive.read_bytes() == before
    assert full("backup", str(archive)).exit_code == 0


def test_a_backup_that_cannot_be_written_does_not_blame_the_database(full: Command, tmp_path: Path) -> None:
    result = full("backup", str(tmp_path / "no" / "such" / "folder" / "x.zip"))
    assert result.exit_code == 1
    assert "database does not answer" not in result.output
    assert "folder" in result.output


def test_only_an_empty_database_is_restored_into(full: Command, archive: Path) -> None:
    before = everything(full)
    result = full("restore", str(archive))
    assert result.exit_code == 1
    assert "not empty" in result.output
    assert everything(full) == before


def rewritten(archive: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive with other contents, and right checksums."""
    path = archive.with_name("rewritten.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = change(name, old.read(name))
            if body is not None:
                new.writestr(name, body)
    return path


def only(wanted: str, work: Callable[[bytes], bytes | None]) -> Callable[[str, bytes], bytes | None]:
    return lambda name, body: work(body) if name == wanted else body


DAMAGES: dict[str, Callable[[Path], Path]] = {
    "no zip": lambda archive: overwritten(archive, lambda body: b"hello"),
    "empty": lambda archive: overwritten(archive, lambda body: b""),
    "cut short": lambda archive: overwritten(archive, lambda body: body[: len(body) // 2]),
    "a flipped bit": lambda archive: overwritten(archive, flipped),
    "a table is missing": lambda archive: rewritten(archive, only("messages.jsonl", lambda body: None)),
    "no about": lambda archive: rewritten(archive, only("about.json", lambda body: None)),
    "about is no object": lambda archive: rewritten(archive, only("about.json", lambda body: b"[]")),
    "about is no text": lambda archive: rewritten(archive, only("about.json", lambda body: b"\xff\xfe")),
    "about counts nothing": lambda archive: rewritten(archive, only("about.json", lambda body: b'{"format": 1}')),
    "another format": lambda archive: rewritten(
        archive, only("about.json", lambda body: body.replace(b'"format": 2', b'"format": 99'))
    ),
    "a half line": lambda archive: rewritten(archive, only("messages.jsonl", lambda body: body[:-20])),
    "lines are missing": lambda archive: rewritten(
        archive, only("messages.jsonl", lambda body: body[: body.index(b"\n") + 1])
    ),
    "a line twice": lambda archive: rewritten(archive, only("users.jsonl", lambda body: body + body)),
    "a column is missing": lambda archive: rewritten(
        archive, only("users.jsonl", lambda body: body.replace(b'"email_key"', b'"e-mail_key"'))
    ),
    "a date is none": lambda archive: rewritten(
        archive, only("messages.jsonl", lambda body: body.replace(b'"timestamp": "20', b'"timestamp": "xx'))
    ),
    "a row is no object": lambda archive: rewritten(archive, only("rooms.jsonl", lambda body: b"7\n" + body)),
    "an orphan": lambda archive: rewritten(archive, only("users.jsonl", lambda body: body[body.index(b"\n") + 1 :])),
}


def overwritten(archive: Path, work: Callable[[bytes], bytes]) -> Path:
    path = archive.with_name("overwritten.zip")
    path.write_bytes(work(archive.read_bytes()))
    return path


def flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 0x40]) + body[middle + 1 :]


@pytest.fixture
def damaged_archive(empty_sqlite: str, tmp_path: Path, command_for: Callable[[str], Command], quick: None) -> Path:
    """Something small to damage."""
    import asyncio

    async def fill() -> None:
        async with serving(settings_for(tmp_path, empty_sqlite)) as site:
            asha, ravi = await site.people("asha", "ravi")
            room = await site.room(asha, ravi)
            for number in range(20):
                await asha.say(room, f"{number}")

    with asyncio.Runner() as runner:
        runner.run(fill())
    assert command_for(empty_sqlite)("backup", str(tmp_path / "backup.zip")).exit_code == 0
    return tmp_path / "backup.zip"


@pytest.mark.parametrize("target", ["sqlite", "postgres"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_and_nothing_changes(
    damaged_archive: Path,
    elsewhere: Command,
    command_for: Callable[[str], Command],
    request: pytest.FixtureRequest,
    damage: str,
    target: str,
) -> None:
    there = elsewhere if target == "sqlite" else command_for(request.getfixturevalue("empty_postgres"))
    result = there("restore", str(DAMAGES[damage](damaged_archive)))
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    [line] = result.output.strip().splitlines()
    assert "backup" in line or "version" in line
    assert [there.rows(f"SELECT COUNT(*) FROM {table}") for table in COLUMNS] == [[(0,)]] * 4


def test_a_file_that_is_not_there_is_told(elsewhere: Command, tmp_path: Path) -> None:
    result = elsewhere("restore", str(tmp_path / "nothing.zip"))
    assert result.exit_code == 2
    assert "does not exist" in result.output
