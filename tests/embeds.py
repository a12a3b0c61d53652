"""Frames in other sites' pages for tests: who looks at one, with the cookies that a browser keeps for that site's pages only."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

from tests.support import Answer, Browser, Site, Stream, field_value

CLUB = "https://club.example"
OURS = "http://localhost"
"""As the test client reaches the application: a browser's own machine, where `Secure` cookies are kept without TLS."""


async def embedded(site: Site, asha: Browser, level: str = "guests", origin: str = CLUB, **more: str) -> str:
    """A new room of hers that may stand in one site's pages; its ID."""
    code = await site.room(asha)
    assert (await asha.post(f"/rooms/{code}/embed/origins", {"origin": origin})).status == 303
    await choose(asha, code, level=level, **more)
    return code


async def choose(asha: Browser, code: str, **more: str) -> None:
    form = {"is_on": "on", "level": "guests", "theme": "system", **more}
    answer = await asha.post(f"/rooms/{code}/embed", {name: value for name, value in form.items() if value})
    assert answer.status == 303, answer.text


async def new_key(asha: Browser, code: str) -> tuple[str, str]:
    """A shared secret, as the page shows it once: its ID, and itself."""
    answer = await asha.post(f"/rooms/{code}/embed/keys", {"algorithm": "HS256"})
    assert answer.status == 201, answer.text
    kid, secret = (re.search(rf'id="new-{name}"[^>]*>([^<]+)<', answer.text) for name in ("kid", "secret"))
    assert kid
    assert secret
    return kid[1], secret[1]


def token(code: str, key: tuple[str, str], **claims: Any) -> str:
    now = int(time.time())
    said = {
        "iss": CLUB, "aud": OURS, "sub": "42", "name": "Meera", "room": code, "iat": now, "exp": now + 60, "jti": str(time.monotonic_ns()),
        **claims,
    }  # fmt: skip
    return jwt.encode(said, key[1], "HS256", {"kid": key[0]})


@dataclass
class Frame:
    """A room's frame in a page of `host`."""

    site: Site
    code: str
    host: str | None = CLUB
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""
    """What is in it."""

    def __post_init__(self) -> None:
        self.client = self.site.app.test_client(use_cookies=False)

    @property
    def way(self) -> str:
        return f"/embed/rooms/{self.code}"

    async def send(
        self, method: str, path: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
        body = {} if form is None else {"form": dict(form)}
        response = await self.client.open(path, method=method, headers=sent, **body)
        for line in response.headers.getlist("Set-Cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in line:
                del self.cookies[name]
        return Answer(response.status_code, response.headers, await response.get_data(as_text=False))

    async def load(self, path: str = "") -> Answer:
        """As the host's page does it."""
        headers = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}
        answer = await self.send(
            "GET", path or self.way, headers={**headers, **({"Referer": f"{self.host}/"} if self.host else {})}
        )
        self.page = answer.text
        return answer

    async def get(self, path: str, *, htmx: bool = False) -> Answer:
        """From the frame itself."""
        headers = {
            "Referer": f"{OURS}{self.way}",
            "Sec-Fetch-Site": "same-origin",
            **({"HX-Request": "true"} if htmx else {}),
        }
        return await self.send("GET", path, headers=headers)

    async def post(
        self, action: str, form: Mapping[str, str] | None = None, *, htmx: bool = False, **headers: str
    ) -> Answer:
        """A form of the frame's page, to the address that stands there."""
        found = re.search(rf'action="({self.way}/{action}(?:\?[^"]*)?)"', self.page)
        path = found[1].replace("&amp;", "&") if found else f"{self.way}/{action}"
        sent = {"Sec-Fetch-Site": "same-origin", "Origin": OURS, "Referer": f"{OURS}{self.way}"}
        return await self.send(
            "POST", path, form or {}, {**sent, **({"HX-Request": "true"} if htmx else {}), **headers}
        )

    async def follow(self, answer: Answer) -> Answer:
        assert answer.status == 303, answer.text
        shown = await self.get(answer.location.partition("#")[0])
        self.page = shown.text
        return shown

    async def join(self, name: str = "Priya") -> Answer:
        await self.load()
        return await self.follow(await self.post("guest", {"name": name}))

    async def vouch(self, token: str, origin: str | None = "") -> Answer:
        """As the host's page posts it into the frame."""
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe", "Referer": f"{self.host}/"}
        told = self.host if origin == "" else origin
        return await self.send(
            "POST", f"{self.way}/vouch", {"token": token}, headers | ({"Origin": told} if told else {})
        )

    async def say(self, text: str) -> int:
        answer = await self.post("messages", {"text": text, "key": field_value(self.page, "key")})
        assert answer.status == 303, answer.text
        return int(answer.location.rpartition("-")[2])

    async def stream(self, path: str = "") -> Stream:
        found = path or re.search(r'hx-sse:connect="([^"]*)"', self.page)
        assert found, self.page
        address = path or found[1].replace("&amp;", "&")  # type: ignore[index]
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        stream = Stream(self.client.request(address, headers={"Cookie": cookie, "Referer": f"{OURS}{self.way}"}))
        self.site.streams.append(stream)
        await stream.open()
        return stream
