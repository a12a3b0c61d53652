"""Writing in a frame of its own: the same form, the same refusals, and nothing else of ours may be framed."""

from __future__ import annotations

import re

import pytest

from tests.databases import on_sqlite
from tests.files.pictures import scene, written
from tests.support import Answer, Site, field_value


def assert_framed(answer: Answer) -> None:
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Cache-Control"] == "private, no-store"


async def test_what_is_sent_leads_back_to_the_field(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    frame = await asha.get(f"/rooms/{room}/compose")
    assert frame.status == 200
    assert_framed(frame)
    [form] = re.findall(r'<form id="composer"[^>]*>', frame.text)
    assert f'action="/rooms/{room}/compose#text"' in form
    assert 'target="_self"' in form
    assert "hx-" not in form
    assert '<base target="_top">' in frame.text
    assert "<script" not in frame.text
    key = field_value(frame.text, "key")
    for _ in range(2):  # the second is the same message, sent twice
        answer = await asha.post(f"/rooms/{room}/compose", {"text": "one", "key": key})
        assert (answer.status, answer.location) == (303, f"/rooms/{room}/compose?n=1#text")
        assert_framed(answer)
    again = await asha.get(answer.location.partition("#")[0])
    assert field_value(again.text, "text") == ""
    assert field_value(again.text, "key") not in {"", key}
    assert [*(await asha.room(room)).articles] == [1]


async def test_what_is_refused_stays_in_the_field(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    long = "word " * 2001
    answer = await asha.post(f"/rooms/{room}/compose", {"text": long, "key": "k"})
    assert answer.status == 422
    assert_framed(answer)
    assert "too long by 4" in answer.alert
    assert field_value(answer.text, "text") == long
    assert "autofocus" in answer.text
    assert f'action="/rooms/{room}/compose#text"' in answer.text


async def test_files_come_with_it(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    picture = written(scene(), "PNG")
    answer = await asha.upload(f"/rooms/{room}/compose", ("files", "scene.png", picture), form={"text": "look"})
    assert answer.status == 303, answer.text
    assert 'alt="Picture: scene.png"' in (await asha.room(room)).articles[1]


@on_sqlite
@pytest.mark.parametrize("path", ["/rooms/{room}/compose", "/rooms/{room}/live?framed=1"])
async def test_whatever_goes_wrong_can_be_read_in_the_frame(site: Site, path: str) -> None:
    asha, stranger = await site.people("asha", "stranger")
    room = await site.room(asha)
    signed_out = await site.stranger().get(path.format(room=room))
    assert signed_out.status == 401
    assert_framed(signed_out)
    assert f'href="/login?next=/rooms/{room}"' in signed_out.text
    not_theirs = await stranger.get(path.format(room=room))
    assert not_theirs.status == 404
    assert_framed(not_theirs)
    for answer in (signed_out, not_theirs):
        assert answer.alert
        assert '<base target="_top">' in answer.text
        assert answer.text.count("<h1") == 1
        # The page's own header would lead to what may not be framed.
        assert 'class="bar"' not in answer.text


async def test_the_frame_begins_with_what_ends_so_that_the_page_has_loaded(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    await asha.say(room, "one")
    begin = await asha.get(f"/rooms/{room}/live?framed=1&begin=1")
    assert begin.status == 200
    assert_framed(begin)
    assert begin.headers["Refresh"] == f"1; url=/rooms/{room}/live?framed=1"
    assert begin.text.rstrip().endswith("</html>")
    assert "http-equiv" not in begin.text
    assert begin.articles == (await asha.room(room)).articles
    assert site.hub.open_streams == 0


async def test_nothing_else_may_be_framed(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for path in (f"/rooms/{room}", f"/rooms/{room}?framed=1", f"/rooms/{room}/members?framed=1", "/", "/nothing"):
        answer = await asha.get(path)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


async def test_the_room_has_its_frames_where_it_can_go_on(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=3)
    frames = [f'src="/rooms/{room}/live?framed=1&amp;begin=1"', f'src="/rooms/{room}/compose"']

    def without_scripts(answer: Answer) -> str:
        outside, inside = re.subn(r"<noscript>.*?</noscript>", "", answer.text, flags=re.DOTALL)
        assert "<iframe" not in outside
        assert inside
        return "".join(re.findall(r"<noscript>(.*?)</noscript>", answer.text, re.DOTALL))

    assert "<iframe" not in without_scripts(await asha.room(room))
    chosen = await asha.post("/preferences", {"frames": "on", "next": f"/rooms/{room}"})
    assert (chosen.status, chosen.location) == (303, f"/rooms/{room}")
    framed = without_scripts(await asha.room(room))
    assert all(frame in framed for frame in frames)
    for query in ({"plain": 1}, {"before": 3}, {"around": 2}):
        assert "<iframe" not in without_scripts(await asha.room(room, **query))
    plain = await asha.room(room, plain=1)
    assert field_value(plain.text, "plain") == "1"
    await asha.post("/preferences", {"frames": "off", "next": f"/rooms/{room}"})
    assert "<iframe" not in without_scripts(await asha.room(room))
    assert (await asha.post("/preferences", {"frames": "perhaps"})).status == 422
    refused = await asha.post(f"/rooms/{room}/messages", {"text": "", "plain": "1"})
    assert refused.status == 422
    assert "<iframe" not in without_scripts(refused)
    assert field_value(refused.text, "plain") == "1"
