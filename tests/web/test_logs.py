"""Logs carry no words, no names and no tokens, whatever goes wrong."""

from __future__ import annotations

import asyncio
import json

import pytest

from sampark.chat import history, members, messages, rooms
from sampark.fragments import Fragments
from sampark.live import changes
from tests.support import PASSWORD, Site, logged, room_row, until

SECRETS = [
    "asha-the-person",
    "Asha Display",
    "Secret room",
    "secret words",
    "asha-the-person@example.org",
    PASSWORD,
    "wrong password",
]


async def test_nothing_said_reaches_the_log_when_everything_breaks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha = await site.person("asha-the-person", display_name="Asha Display")
    token = await asha.begin_session()
    room = await site.room(asha, name="Secret room")
    stream = await asha.stream(room)
    await asha.say(room, "secret words")
    await stream.wait_for_version(1)

    async def breaks(*values: object, **named: object) -> None:
        raise ValueError(f"with all it was given: {values} {named} secret words Secret room {asha.cookies}")

    def breaks_at_once(*values: object, **named: object) -> None:
        raise ValueError(f"with all it was given: {values} {named}")

    with logged() as said:
        with monkeypatch.context() as patch:
            patch.setattr(history, "newest", breaks)
            assert (await asha.get(f"/rooms/{room}?x=secret+words")).status == 500
        with monkeypatch.context() as patch:
            patch.setattr(messages.markdown, "to_html", breaks_at_once)
            assert (await asha.post(f"/rooms/{room}/messages", {"text": "secret words"})).status == 500
        with monkeypatch.context() as patch:
            patch.setattr(rooms, "mine", breaks)
            assert (await asha.get("/")).status == 500
        with monkeypatch.context() as patch:
            patch.setattr(Fragments, "message", breaks_at_once)
            assert (await asha.get(f"/rooms/{room}/messages/1")).status == 500
        with monkeypatch.context() as patch:
            patch.setattr(changes, "since", breaks)
            # As from another process: what is said in this one comes along with its ring, and nothing is read.
            site.hub.bell.changed((await room_row(room))["id"], 1_000)
            await until(lambda: "pump_failed" in said.getvalue(), "the pump's complaint")
        with monkeypatch.context() as patch:
            patch.setattr(members, "some", breaks)
            site.hub.bell.people(int(asha.id))
        await site.stranger().post("/login", {"username": "asha-the-person", "password": "wrong password"})
        await site.stranger().post("/register", {"username": "asha-the-person", "email": "x", "password": PASSWORD})
        await asha.post("/rooms/join", {"room": "secret words"})
        await asha.post(f"/rooms/{room}/messages", {"text": "secret words" * 1000})
    text = said.getvalue()
    assert text.count("request_failed") == 4
    for secret in (*SECRETS, token, room, *asha.cookies.values()):
        assert secret not in text, secret
    for line in text.splitlines():
        assert json.loads(line)["level"] in {"error", "warning", "info"}


async def test_a_fault_is_told_with_its_kind_and_place(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asha = await site.person("asha")

    async def breaks(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(rooms, "mine", breaks)
    with logged() as said:
        await asha.get("/")
    [line] = [json.loads(line) for line in said.getvalue().splitlines()]
    assert (line["event"], line["route"], line["method"], line["fault"]) == ("request_failed", "/", "GET", "KeyError")
    assert any("home.py" in place for place in line["where"])


async def test_usual_use_says_nothing(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    with logged() as said:
        room = await site.room(asha, ravi)
        stream = await ravi.stream(room)
        await asha.say(room, "hello")
        await stream.wait_for("hello")
        await asha.get("/nothing")
        await asha.post("/rooms", {"name": "x"})
        await asha.post(f"/rooms/{room}/leave", site="cross-site")
        await stream.close()
        await ravi.leave(room)
        await asha.post("/logout")
        await asyncio.sleep(0.1)
    assert said.getvalue() == ""
