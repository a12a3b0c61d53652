"""How many may come into embedded rooms from one address, with a nickname or a site's word; and what the next one is told."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from sampark.rates import Limit
from sampark.settings import Settings
from tests.databases import serving
from tests.embeds import CLUB, Frame, embedded, new_key, token
from tests.support import Answer, Site, count
from tests.web.test_limits import assert_too_often

TWO = Limit(2, 3600, 2)


@contextlib.asynccontextmanager
async def strict(settings: Settings, **rates: Any) -> AsyncIterator[Site]:
    """Behind a proxy, which says from which address a request comes."""
    limited = dataclasses.replace(settings.rates, **rates)
    async with serving(dataclasses.replace(settings, rate_scale=1.0, trusted_hops=1, rates=limited)) as site:
        yield site


@dataclass
class FrameAt(Frame):
    address: str = "203.0.113.1"

    async def send(
        self, method: str, path: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return await super().send(method, path, form, {**(headers or {}), "X-Forwarded-For": self.address})

    async def come(self, name: str) -> Answer:
        await self.load()
        return await self.post("guest", {"name": name})


async def test_guests_of_one_address_are_so_many_in_all_rooms(settings: Settings) -> None:
    async with strict(settings, guest=TWO) as site:
        asha = await site.person("asha")
        rooms = [await embedded(site, asha) for _ in range(3)]
        for code in rooms[:2]:
            assert (await FrameAt(site, code).come("Priya")).status == 303
        third = FrameAt(site, rooms[2])
        refused = await third.come("Zara")
        assert_too_often(refused)
        assert 'value="Zara"' in refused.text
        assert f"frame-ancestors 'self' {CLUB}" in refused.headers["Content-Security-Policy"]
        assert not third.cookies
        assert await count("embed_guests") == 2
        # One's own account is another way in, from the same address.
        assert_too_often(await third.post("account"))
        assert (await third.load()).status == 200, "whoever may not come in may read on"
        assert (await FrameAt(site, rooms[2], address="203.0.113.2").come("Zara")).status == 303


async def test_tokens_of_one_address_are_so_many_right_or_wrong(settings: Settings) -> None:
    async with strict(settings, vouch=TWO) as site:
        asha = await site.person("asha")
        code = await embedded(site, asha, "vouched")
        key = await new_key(asha, code)
        frame = FrameAt(site, code)
        await frame.load()
        assert (await frame.vouch(token(code, key, room="k3f9x2mq7hpt"))).status == 403
        await frame.follow(await frame.vouch(token(code, key)))
        kept = dict(frame.cookies)
        unused = token(code, key)
        refused = await frame.vouch(unused)
        assert_too_often(refused)
        assert f"frame-ancestors 'self' {CLUB}" in refused.headers["Content-Security-Policy"]
        assert "You are <bdi>Meera</bdi>" in refused.text, "the frame stays what it was"
        assert frame.cookies == kept
        traded = await frame.send("POST", f"{frame.way}/token", {"token": unused}, {"Origin": CLUB})
        assert_too_often(traded)
        assert traded.headers["Access-Control-Allow-Origin"] == CLUB
        assert "Retry-After" in traded.headers["Access-Control-Expose-Headers"]
        stranger = FrameAt(site, code)
        await stranger.load()
        gate = await stranger.vouch(token(code, key, sub="43"))
        assert_too_often(gate)
        assert "Lighthouse" not in gate.text
        elsewhere = FrameAt(site, code, address="203.0.113.2")
        assert (await elsewhere.vouch(unused)).status == 303, "what was refused is not used up"


async def test_without_limits_nobody_is_refused(settings: Settings) -> None:
    """`SAMPARK_RATE_SCALE=0`, for benchmarks: it is the limits that refuse above, and nothing else."""
    async with serving(
        dataclasses.replace(settings, rates=dataclasses.replace(settings.rates, guest=TWO, vouch=TWO))
    ) as site:
        asha = await site.person("asha")
        code = await embedded(site, asha)
        key = await new_key(asha, code)
        answers = [await FrameAt(site, code).come(f"Guest {number}") for number in range(4)]
        answers += [await FrameAt(site, code).vouch(token(code, key, sub=str(number))) for number in range(4)]
        assert [answer.status for answer in answers] == [303] * 8
