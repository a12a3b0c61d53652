"""`sampark seed-demo`: a living example, whose rooms hold together as if people had filled them."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sampark import db
from sampark.cli import demo_media, demo_script
from sampark.cli.demo_texts import CHARACTERS, STORIES
from sampark.gifs.library import Library
from sampark.settings import Settings
from tests.databases import serving
from tests.support import SECRET, articles, plain

NOW = datetime.datetime(2026, 11, 22, 11, 30, tzinfo=datetime.UTC)


def seed(settings: Settings) -> subprocess.CompletedProcess[str]:
    environ = {
        "PATH": os.environ["PATH"],
        "SAMPARK_DATA_DIR": str(settings.data_dir),
        "SAMPARK_SECRET_KEY": SECRET,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url or "",
        "SAMPARK_BCRYPT_COST": "4",
    }
    folder = Path(__file__).parents[2]
    command = [sys.executable, "-m", "sampark", "seed-demo"]
    return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=100)


async def test_whoever_it_names_signs_in_and_finds_lively_rooms(settings: Settings) -> None:
    done = seed(settings)
    assert done.returncode == 0, done.stderr
    [password] = re.findall(r": (\w+-\w+-\w+-\w+-\d{4})$", done.stdout, re.MULTILINE)
    async with serving(settings) as site:
        asha = site.stranger()
        assert (await asha.post("/login", {"username": "asha", "password": password})).location == "/"
        home = await asha.get("/")
        rooms = re.findall(r'data-room="(\w+)"', home.text)
        assert len(rooms) == sum(
            story.founder in {None, "asha"} or re.search(r"^\+ .*\basha\b", story.script, re.MULTILINE) is not None
            for story in STORIES
        )
        shown = [articles((await asha.get(f"/rooms/{room}")).text) for room in rooms]
        assert min(map(len, shown)) > 20
        assert any("नमस्ते" in plain(article) for room in shown for article in room.values())


async def test_each_room_is_as_if_it_had_been_lived(settings: Settings) -> None:
    assert seed(settings).returncode == 0
    async with serving(settings):
        rooms = await db.fetch("SELECT id, version, last_seq, created_at FROM rooms")
        assert len(rooms) == len(STORIES)
        for room in rooms:
            messages = await db.fetch(
                "SELECT seq, version, timestamp, deleted_at FROM messages WHERE room_id = ? ORDER BY seq", room["id"]
            )
            assert [message["seq"] for message in messages] == list(range(1, room["last_seq"] + 1))
            assert max(message["version"] for message in messages) == room["version"]
            times = [room["created_at"], *(message["timestamp"] for message in messages)]
            assert times == sorted(set(times))
            assert times[-1] <= datetime.datetime.now(datetime.UTC)


async def test_people_have_faces_and_send_each_other_pictures_voices_and_gifs(settings: Settings) -> None:
    assert seed(settings).returncode == 0
    async with serving(settings) as site:
        rows = await db.fetch("SELECT message_type, attachments FROM messages WHERE attachments IS NOT NULL")
        sent = Counter(row["message_type"] for row in rows)
        assert sent.keys() >= {"image", "voice", "gif", "file"}
        assert sent["image"] >= 8
        shown = [json.loads(row["attachments"])[0] for row in rows]
        assert all(one["width"] and one["sizes"] for one in shown if one["kind"] == "image")
        assert all(len(one["waveform"]) > 20 and 3 < one["duration"] < 30 for one in shown if one["kind"] == "voice")
        faces = await db.one("SELECT COUNT(*) AS faces FROM users WHERE profile_picture IS NOT NULL")
        assert faces == {"faces": len([*demo_media.FOLDER.glob("face-*")])}
        rohan = site.stranger()
        password = re.findall(r": (\S+)$", seed(settings).stdout, re.MULTILINE)[0]
        assert (await rohan.post("/login", {"username": "rohan", "password": password})).location == "/"
        for room in re.findall(r'data-room="(\w+)"', (await rohan.get("/")).text):
            page = (await rohan.get(f"/rooms/{room}")).text
            for address in re.findall(r'<(?:img|audio|source)[^>]* src="(/(?:files|gifs)/[^"]+)"', page):
                assert (await rohan.get(address)).status == 200


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_what_is_sent_is_there(story: demo_script.Story, tmp_path: Path) -> None:
    library = Library(tmp_path)
    for line in demo_script.read(story.script, NOW):
        for thing in line.things:
            if thing.startswith(demo_media.GIF):
                assert await library.get(thing.removeprefix(demo_media.GIF), "en"), thing
            else:
                assert (demo_media.FOLDER / thing).exists(), thing


async def test_a_second_call_changes_nothing_and_says_the_password_again(settings: Settings) -> None:
    first, second = seed(settings), seed(settings)
    assert (first.returncode, second.returncode) == (0, 0)
    assert "nothing was changed" in second.stdout
    assert first.stdout.splitlines()[1:] == second.stdout.splitlines()[1:]
    async with serving(settings):
        counted = await db.one("SELECT (SELECT COUNT(*) FROM users) AS people, (SELECT COUNT(*) FROM rooms) AS rooms")
        assert counted == {"people": len(CHARACTERS), "rooms": len(STORIES)}
        files = await db.one("SELECT COUNT(*) AS files FROM files")
        named = [line.things for story in STORIES for line in demo_script.read(story.script, NOW)]
        sent = [thing for things in named for thing in things if not thing.startswith(demo_media.GIF)]
        assert files == {"files": len(sent) + len([*demo_media.FOLDER.glob("face-*")])}


async def test_real_people_keep_their_names(settings: Settings) -> None:
    async with serving(settings) as site:
        await site.person("asha")
    done = seed(settings)
    assert done.returncode == 1
    assert "asha" in done.stderr
    async with serving(settings):
        assert await db.one("SELECT COUNT(*) AS people FROM users") == {"people": 1}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_who_speaks_is_in_the_room(story: demo_script.Story) -> None:
    present = {story.founder} if story.founder else {character.username for character in CHARACTERS}
    for line in demo_script.read(story.script, NOW):
        if line.what == demo_script.JOINS:
            present.add(line.who)
        assert line.who in present, line
        if line.what == demo_script.LEAVES:
            present.remove(line.who)
    assert {*story.unread_by} <= present


@pytest.mark.parametrize("now", [NOW, NOW.replace(hour=19), NOW.replace(hour=2)], ids=lambda now: f"{now:%H:%M}")
def test_times_run_forward_whenever_it_is_called(now: datetime.datetime) -> None:
    for story in STORIES:
        times = [line.when for line in demo_script.read(story.script, now)]
        assert times == sorted(times)
        assert times[-1] <= now


@pytest.mark.parametrize("script", ["no colon here", "[yesterday]", "[5 days ago]"])
def test_a_slip_in_a_script_is_told(script: str) -> None:
    with pytest.raises(ValueError, match="of a script"):
        demo_script.read(script, NOW)
