"""The law under whatever order of events: hypothesis chooses who does what when, and whose line breaks."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from sampark.settings import Settings
from tests.databases import serving
from tests.support import Browser, Follower, Site, law

PEOPLE = 3

steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("post"),
            st.integers(0, PEOPLE - 1),
            st.sampled_from(["x", "**b**", "a\r\nevent: gone", "<svg onload=1>", "क" * 500]),
        ),
        st.tuples(st.just("delete"), st.integers(0, PEOPLE - 1), st.integers(0, 12)),
        st.tuples(st.just("leave"), st.integers(1, PEOPLE - 1)),
        st.tuples(st.just("join"), st.integers(1, PEOPLE - 1)),
        st.tuples(st.just("rename"), st.integers(0, PEOPLE - 1), st.sampled_from(["One", "Two <b>", "तीन"])),
        st.tuples(st.just("drop"), st.integers(0, 1)),
        st.tuples(st.just("resume"), st.integers(0, 1), st.booleans()),
        st.tuples(st.just("flood"), st.integers(0, PEOPLE - 1), st.sampled_from([5, 30])),
        st.tuples(st.just("type"), st.integers(0, PEOPLE - 1)),
        st.tuples(st.just("look"), st.integers(0, 1)),
        st.tuples(st.just("breathe")),
    ),
    min_size=3,
    max_size=20,
)


async def live_through(site: Site, story: list[tuple[Any, ...]]) -> None:
    people = [await site.person() for _ in range(PEOPLE)]
    reader = await site.person()
    room = await site.room(people[0], *people[1:], reader)
    away: set[int] = set()
    async with contextlib.AsyncExitStack() as stack:
        followers: list[Follower] = [await stack.enter_async_context(law(who, room)) for who in (reader, people[0])]
        for step in story:
            await take(step, people, room, away, followers)


async def take(
    step: tuple[Any, ...], people: list[Browser], room: str, away: set[int], followers: list[Follower]
) -> None:
    match step:
        case ("post", who, text) if who not in away:
            await people[who].say(room, text)
        case ("flood", who, count) if who not in away:
            await asyncio.gather(*(people[who].say(room, f"{number}") for number in range(count)))
        case ("delete", who, seq):
            await people[who].post(f"/rooms/{room}/messages/{seq}/delete")
        case ("leave", who) if who not in away:
            await people[who].leave(room)
            away.add(who)
        case ("join", who) if who in away:
            await people[who].join(room)
            away.discard(who)
        case ("rename", who, name):
            await people[who].rename(name)
        case ("type", who) if who not in away:
            await people[who].post(f"/rooms/{room}/typing")
        case ("drop", which) if followers[which].stream:
            await followers[which].drop()
        case ("resume", which, by_header) if not followers[which].stream:
            await followers[which].resume(by_header=by_header)
        case ("look", which) if followers[which].stream:
            await followers[which].check()
        case ("breathe",):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_law_holds_in_every_story(
    kind: str, request: pytest.FixtureRequest, tmp_path: Any, redis_url: str, quick: None
) -> None:
    url = request.getfixturevalue(f"empty_{kind}")
    from tests.databases import settings_for

    settings: Settings = settings_for(tmp_path, url, redis_url if kind == "postgres" else None)

    # One application lives through all the stories, each in a room of its own.
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        site = runner.run(stack.enter_async_context(serving(dataclasses.replace(settings))))

        @effort(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck])
        @given(steps)
        def tell(story: list[tuple[Any, ...]]) -> None:
            runner.run(live_through(site, story))

        try:
            tell()
        finally:
            runner.run(stack.aclose())
