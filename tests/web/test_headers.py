"""The headers of every answer, and what may be kept by whom."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import brotli
import pytest

from tests.databases import on_sqlite, serving, settings_for
from tests.support import PASSWORD, Answer, Site

PATHS = [
    "/",
    "/login",
    "/register",
    "/profile",
    "/rooms/{room}",
    "/rooms/{room}/messages",
    "/rooms/{room}/messages/1",
    "/rooms/{room}/members",
    "/nothing",
    "/logout",
]


def policy(answer: Answer) -> dict[str, list[str]]:
    parts = [directive.split() for directive in answer.headers["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


def assert_guarded(answer: Answer) -> None:
    allowed = policy(answer)
    assert allowed["default-src"] == ["'none'"]
    assert allowed["script-src"] == ["'self'"]
    assert allowed["frame-ancestors"] == ["'none'"]
    assert allowed["base-uri"] == ["'none'"]
    assert allowed["form-action"] == ["'self'"]
    for sources in allowed.values():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & {*sources}
        assert not any("." in source for source in sources), "a third party"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Server" not in answer.headers


@on_sqlite
@pytest.mark.parametrize("signed_in", [True, False], ids=["signed in", "signed out"])
@pytest.mark.parametrize("path", PATHS)
async def test_every_page_is_guarded_and_kept_by_nobody(site: Site, path: str, signed_in: bool) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=1)
    who = asha if signed_in else site.stranger()
    for htmx in (False, True):
        answer = await who.get(path.format(room=room), htmx=htmx)
        assert_guarded(answer)
        # A piece of history may lie in the browser, which must ask each time whether it still holds.
        may_keep = htmx and signed_in and path == "/rooms/{room}/messages"
        assert answer.headers["Cache-Control"] == f"private, {'no-cache' if may_keep else 'no-store'}"
        assert len(answer.headers.getlist("Cache-Control")) == 1  # type: ignore[attr-defined]


async def test_answers_to_forms_and_streams_are_guarded_too(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha)
    for path, form in (
        ("/rooms", {"name": "Room"}),
        ("/rooms", {"name": "x"}),
        (f"/rooms/{room}/messages", {"text": "x"}),
        (f"/rooms/{room}/typing", {}),
    ):
        answer = await asha.post(path, form)
        assert_guarded(answer)
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert_guarded(await asha.post("/rooms", {"name": "Room"}, site="cross-site"))
    stream = await asha.stream(room)
    assert stream.headers["X-Content-Type-Options"] == "nosniff"
    live = await asha.stream(room, live=True)
    assert "'unsafe-inline'" not in live.headers["Content-Security-Policy"]
    assert "default-src 'none'" in live.headers["Content-Security-Policy"]


async def test_the_only_inline_style_is_allowed_by_its_hash(site: Site) -> None:
    asha = await site.person("आशा")
    room = await site.room(asha)
    page = await asha.room(room)
    [css] = re.findall(r"<style>(.*?)</style>", page.text)
    assert '[data-author="आशा"]' in css
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy(page)["style-src"]
    assert not re.search(r"<[^>]+\sstyle=", page.text)
    for script in re.findall(r"<script\b[^>]*>", page.text):
        assert re.search(r'\bsrc="/static/', script)


async def test_no_page_asks_for_anything_elsewhere(site: Site) -> None:
    asha = await site.person("asha")
    room = await site.room(asha, say=1)
    for path in PATHS:
        text = (await asha.get(path.format(room=room))).text
        for address in re.findall(r'(?:src|href|action|hx-get|hx-post|hx-sse:connect)="([^"]*)"', text):
            assert address.startswith(("/", "#")), address
            assert not address.startswith("//")


async def test_static_files_are_fingerprinted_for_ever_and_without_cookies(site: Site) -> None:
    visitor = site.stranger()
    page = (await visitor.get("/login")).text
    addresses = {*re.findall(r'(?:src|href)="(/static/[^"]+)"', page)}
    assert len(addresses) >= 3
    for address in addresses:
        answer = await visitor.get(address)
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        kind = {
            "css": "text/css",
            "js": "text/javascript",
            "svg": "image/svg+xml",
            "png": "image/png",
            "webmanifest": "application/manifest+json",
        }[address.rpartition(".")[2]]
        assert answer.headers["Content-Type"].startswith(kind)
        for coding, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
            packed = await visitor.get(address, **{"Accept-Encoding": coding, "Sec-Fetch-Site": "cross-site"})
            assert packed.headers.get("Content-Encoding", coding) == coding
            if "Content-Encoding" in packed.headers:
                assert packed.headers["Vary"] == answer.headers["Vary"] == "Accept-Encoding"
                assert len(packed.body) < len(answer.body)
                assert unpack(packed.body) == answer.body
            else:
                assert len(answer.body) < 1024 or kind == "image/png", "small, or packed already"
            refused = await visitor.get(address, **{"Accept-Encoding": f"{coding};q=0"})
            assert "Content-Encoding" not in refused.headers
        stale = await visitor.get(re.sub("/static/[^/]+/", "/static/0123456789ab/", address))
        assert (stale.status, stale.headers["Cache-Control"], stale.body) == (200, "no-cache", answer.body)


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [
        "../sampark/settings.py",
        "..%2f..%2fpyproject.toml",
        "%2e%2e/%2e%2e/etc/passwd",
        "css/../../pyproject.toml",
        "%2fetc/passwd",
        "js",
        "",
    ],
)
async def test_static_gives_nothing_but_its_files(site: Site, path: str) -> None:
    answer = await site.stranger().get(f"/static/x/{path}")
    assert answer.status in {404, 308}  # two slashes become one, and then there is nothing either
    if answer.status == 308:
        assert (await site.stranger().get(answer.location.removeprefix("http://localhost"))).status == 404
    assert "[project]" not in answer.text


async def test_health_is_plain_and_anonymous(site: Site) -> None:
    visitor = site.stranger()
    for path in ("/healthz", "/readyz"):
        answer = await visitor.get(path)
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


@pytest.fixture
async def secure(empty_sqlite: str, tmp_path: Path) -> AsyncIterator[Site]:
    settings = settings_for(
        tmp_path,
        empty_sqlite,
        SAMPARK_PUBLIC_URL="https://chat.example.org",
        SAMPARK_METRICS_TOKEN="a token for metrics",
    )
    async with serving(settings) as site:
        yield site


@pytest.mark.filterwarnings("ignore:Secure cookies will be ignored")  # the test client speaks plain HTTP
async def test_behind_https_cookies_are_bound_to_this_host_and_to_tls(secure: Site) -> None:
    await secure.person("asha")
    visitor = secure.stranger()
    answers = [
        await visitor.get("/login"),
        await visitor.post("/login", {"username": "asha", "password": PASSWORD}),
        await visitor.post("/preferences", {"theme": "dark"}),
    ]
    seen = [line for answer in answers for line in answer.headers.getlist("Set-Cookie")]  # type: ignore[attr-defined]
    assert len(seen) >= 3
    for line in seen:
        assert "Secure" in line
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line
        assert "Domain" not in line
    assert {line.partition("=")[0] for line in seen} >= {"__Host-sampark", "__Host-sampark-visit"}
    assert "max-age=31536000" in answers[0].headers["Strict-Transport-Security"]


async def test_over_plain_http_cookies_still_work(site: Site) -> None:
    await site.person("asha")
    visitor = site.stranger()
    answer = await visitor.post("/login", {"username": "asha", "password": PASSWORD})
    for line in answer.headers.getlist("Set-Cookie"):  # type: ignore[attr-defined]
        assert "Secure" not in line
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
    assert "Strict-Transport-Security" not in answer.headers
    assert (await visitor.get("/")).status == 200


async def test_metrics_need_their_token_and_name_nobody(secure: Site) -> None:
    asha = await secure.person("asha-the-person")
    room = await secure.room(asha, name="Secret room")
    await asha.post(f"/rooms/{room}/messages", {"text": "secret words"})
    visitor = secure.stranger()
    for headers in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "a token for metrics "},
        {"Authorization": "Basic \u00e9"},
    ):
        assert (await visitor.get("/metrics", **headers)).status == 404
    answer = await visitor.get("/metrics", Authorization="Bearer a token for metrics")
    assert answer.status == 200
    assert 'sampark_messages_total{kind="text"} 1.0' in answer.text
    assert 'route="/rooms/<room>/messages"' in answer.text
    for word in ("asha", room, "Secret", "secret"):
        assert word not in answer.text
