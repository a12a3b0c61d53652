"""Ten rooms of one chat on one page: over HTTP/1.1 they share what a browser has of connections and say so, over HTTP/2 all are live."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.async_api import Error, FrameLocator, Page, Playwright, expect

from tests.browser.conftest import THIRD_PARTY_COOKIES_BLOCKED, launch
from tests.browser.host_site import HostSite, embedded_room
from tests.browser.visitor import somebody
from tests.people import Person
from tests.servers import ServerProcess, quiet_port

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

MANY, PLACES = 10, 4

H2 = """
import sampark.server as server
plain = server._config
def both(bound):
    config = plain(bound)
    config.insecure_bind, config.bind = config.bind, ["127.0.0.1:{port}"]
    config.certfile = config.keyfile = {pem!r}
    config.alpn_protocols = ["h2", "http/1.1"]
    return config
server._config = both
"""
"""The server itself speaks HTTP/2 over TLS, too, as a proxy before it would; and plain HTTP as ever."""


@pytest.fixture
def host() -> Iterator[HostSite]:
    with HostSite() as site:
        yield site


def certificate(path: Path) -> None:
    """A key and a certificate of its own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )


def rooms_of(asha: Person, host: HostSite, chat: str) -> list[str]:
    rooms = [embedded_room(asha, host.url, "read", f"Room {number}") for number in range(MANY)]
    host.shows("/many", *[f"{chat}/embed/rooms/{room}" for room in rooms])
    return rooms


def frames(page: Page) -> list[FrameLocator]:
    return [page.frame_locator(f"iframe >> nth={number}") for number in range(MANY)]


async def states(page: Page) -> tuple[int, int]:
    """How many rooms are live, and how many say that they are not."""
    live = waiting = 0
    for frame in page.frames[1:]:
        try:
            found = await frame.evaluate(
                "() => [Boolean(document.querySelector('#live')?._htmx?.sse?.status),"
                " document.querySelector('#embed-waiting')?.hidden === false]"
            )
        except Error:
            if frame in page.frames:
                raise
            continue  # it was taken out of the page meanwhile
        live += found[0]
        waiting += found[1]
    return live, waiting


async def until(page: Page, wanted: tuple[int, int]) -> None:
    for _ in range(300):
        if await states(page) == wanted:
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"{await states(page)} and not {wanted}")


async def test_over_http_1_they_share_and_say_so(playwright: Playwright, server: ServerProcess, host: HostSite) -> None:
    asha = Person.at(server.url).signed_up(somebody("asha"))
    rooms = rooms_of(asha, host, server.url)
    browser = await launch(playwright, THIRD_PARTY_COOKIES_BLOCKED)
    page = await browser.new_page(viewport={"width": 1900, "height": 1000})
    await page.goto(f"{host.url}/many")
    for number, frame in enumerate(frames(page)):
        await expect(frame.get_by_role("heading", name=f"Room {number}")).to_be_visible()
    await until(page, (PLACES, MANY - PLACES))
    for room in rooms:
        assert asha.send(f"/rooms/{room}/messages", text="news for all").status == 303
    news = [frame.locator(".message-text", has_text="news for all") for frame in frames(page)]
    for _ in range(300):
        shown = [await one.count() for one in news]
        if sum(shown) == PLACES:
            break
        await page.wait_for_timeout(100)
    assert sum(shown) == PLACES
    # One that waits becomes live, with all that came meanwhile, and another makes room for it.
    wanted = shown.index(0)
    button = frames(page)[wanted].get_by_role("button", name="Make this one live")
    await expect(button).to_be_visible()
    await button.click()
    await expect(news[wanted]).to_have_count(1)
    await until(page, (PLACES, MANY - PLACES))
    # Where a live one goes, one that waits takes its place without being asked.
    await page.evaluate("(number) => document.querySelectorAll('iframe')[number].remove()", wanted)
    await until(page, (PLACES, MANY - 1 - PLACES))
    await browser.close()


async def test_over_http_2_all_are_live(playwright: Playwright, tmp_path: Path, host: HostSite) -> None:
    port, pem = quiet_port(), tmp_path / "tls.pem"
    certificate(pem)
    chat = f"https://127.0.0.1:{port}"
    prelude = H2.format(port=port, pem=str(pem))
    with ServerProcess(tmp_path / "server", prelude=prelude) as server:
        asha = Person.at(server.url).signed_up("asha")
        rooms = rooms_of(asha, host, chat)
        browser = await launch(playwright, THIRD_PARTY_COOKIES_BLOCKED, "--ignore-certificate-errors")
        page = await browser.new_page(viewport={"width": 1900, "height": 1000})
        await page.goto(f"{host.url}/many")
        await until(page, (MANY, 0))
        protocols = [
            await frame.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")
            for frame in page.frames[1:]
        ]
        assert {*protocols} == {"h2"}
        for room in rooms:
            assert asha.send(f"/rooms/{room}/messages", text="news for all").status == 303
        for frame in frames(page):
            await expect(frame.locator(".message-text", has_text="news for all")).to_be_visible()
        await browser.close()
