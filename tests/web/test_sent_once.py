"""What the outbox holds on to: a message tells the key it was sent with, to everyone alike, and a repeated key makes no second one."""

from __future__ import annotations

import re

import pytest

from tests.support import Site

KEY = 'data-key="the-key"'


async def test_a_message_tells_its_key_on_the_page_in_the_answer_and_over_the_stream(site: Site) -> None:
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    stream = await ravi.stream(room)
    for _ in range(2):
        answer = await asha.post(f"/rooms/{room}/messages", {"text": "once", "key": "the-key"}, htmx=True)
        assert answer.status == 201
        assert KEY in answer.text
    await stream.wait_for(KEY)
    for reader in (asha, ravi):
        articles = (await reader.room(room)).articles
        assert [*articles] == [1]
        assert articles[1] == answer.text.strip()


@pytest.mark.parametrize("form", [{"text": "by hand"}, {"text": "by hand", "key": ""}])
async def test_without_a_key_there_is_none_to_tell(site: Site, form: dict[str, str]) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    await asha.post(f"/rooms/{room}/messages", form)
    assert "data-key" not in (await asha.room(room)).articles[1]


async def test_a_key_is_no_way_into_the_markup(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    await asha.post(f"/rooms/{room}/messages", {"text": "x", "key": '"><svg onload=alert(1)>'})
    article = (await asha.room(room)).articles[1]
    assert "<svg" not in article
    assert 'data-key="&#34;&gt;&lt;svg onload=alert(1)&gt;"' in article


async def test_a_page_brings_what_the_outbox_needs(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    page = (await asha.get(f"/rooms/{room}")).text
    assert f'<div id="unsent" data-room="{room}"' in page
    assert 'data-me="asha"' in page
    home = (await asha.get("/")).text
    assert 'data-me="asha"' in home
    assert 'data-draft="Draft" data-unsent="Not sent"' in home


async def test_nothing_is_sent_in_the_name_of_who_signed_in_since(site: Site) -> None:
    """The page was somebody's, and the cookie is somebody else's by now."""
    asha, ravi = await site.people("asha", "ravi")
    room = await site.room(asha, ravi)
    page = (await asha.get(f"/rooms/{room}")).text
    [whose] = re.findall(r'name="person" value="(\d+)"', page)
    sent = {"text": "secret words", "key": "k", "person": whose}
    for htmx in (True, False):
        answer = await ravi.post(f"/rooms/{room}/messages", sent, htmx=htmx)
        assert answer.status == 409
        assert "Somebody else has signed in here" in answer.text
        assert "secret words" in answer.text  # in the field, to be copied
    assert (await ravi.room(room)).articles == {}
    assert (await asha.post(f"/rooms/{room}/messages", sent, htmx=True)).status == 201
