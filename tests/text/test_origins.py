"""Origins: one form for what people type, and nothing in it that a browser or a header could read otherwise."""

from __future__ import annotations

import pytest

from sampark.text import origins
from sampark.text.problems import Invalid


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("https://example.org", "https://example.org"),
        ("  https://Example.ORG/ \n", "https://example.org"),
        ("HTTPS://example.org:443", "https://example.org"),
        ("http://example.org:80/", "http://example.org"),
        ("http://example.org:443", "http://example.org:443"),
        ("https://example.org:08443", "https://example.org:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("http://[2001:DB8:0:0::1]", "http://[2001:db8::1]"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://विद्यालय.भारत", "https://xn--j2bsalm0de7i.xn--h2brj9c"),
        ("https://my-school.k12.example", "https://my-school.k12.example"),
        ("https://intranet", "https://intranet"),
    ],
)
def test_what_people_type_has_one_form(typed: str, read: str) -> None:
    assert origins.read(typed) == read
    assert origins.read(read) == read


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "example.org",
        "//example.org",
        "https:example.org",
        "https:/example.org",
        "https://",
        "https:///",
        "ftp://example.org",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,hello",
        "null",
        "*",
        "https://*",
        "https://*.example.org",
        "https://example.*",
        "https://example.org/room",
        "https://example.org//",
        "https://example.org?",
        "https://example.org?a=b",
        "https://example.org#a",
        "https://asha@example.org",
        "https://asha:secret@example.org",
        "https://example.org@evil.example",
        "https://example.org:",
        "https://example.org:0",
        "https://example.org:65536",
        "https://example.org:99999999",
        "https://example.org:-1",
        "https://example.org:8 0",
        "https://example.org:٨٠",
        "https://exa mple.org",
        "https://example.org https://evil.example",
        "https://example.org; script-src *",
        "https://example.org;",
        "https://example.org,https://evil.example",
        "https://example.org'",
        'https://example.org"',
        "https://example.org\r\nSet-Cookie: a=b",
        "https://exam\nple.org",
        "https://example.org\x00",
        "https://exam\tple.org",
        "https://example.org\\evil",
        "https://example%2eorg",
        "https://.example.org",
        "https://example..org",
        "https://example.org.",
        "https://-example.org",
        "https://example-.org",
        "https://exa_mple.org",
        "https://" + "a" * 64 + ".org",
        "https://" + "a." * 140 + "org",
        "https://" + "a" * 400,
        "https://xn--.example",
        "https://xn--a.example",
        "https://ex\u202eample.org",
        "https://127.1",
        "https://2130706433",
        "https://0x7f.0.0.1",
        "https://0177.0.0.1",
        "https://127.0.0.256",
        "https://example.0x10",
        "https://[::1",
        "https://[::1]]",
        "https://[::1%25eth0]",
        "https://[fe80::1%eth0]",
        "https://[v1.a]",
        "https://[]",
        "https://example.org\ud800",
    ],
)
def test_what_is_no_origin_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        origins.read(typed)
    assert refused.value.field == "origin"
    assert "is not the address of a site" in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "https://example。org",
        "https://ｅxample.org",
        "https://exampl\u00ade.org",
        "https://ex\u200bample.org",
        "https://EXAMPLE.ＯＲＧ",
    ],
)
def test_what_browsers_map_is_mapped(typed: str) -> None:
    assert origins.read(typed) == "https://example.org"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://example.org/a/page?b=c#d", "https://example.org"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:3000/a", "http://[::1]:3000"),
        ("https://example.org?a", "https://example.org"),
        ("", None),
        ("about:blank", None),
        ("null", None),
        ("https:///a", None),
        ("https://asha@example.org/", None),
        ("https://example.org\\@evil.example/", "https://example.org"),
        ("x https://example.org", None),
    ],
)
def test_the_origin_of_a_whole_address(address: str, origin: str | None) -> None:
    assert origins.of_address(address) == origin


def test_people_see_names_not_codes() -> None:
    assert origins.shown("https://xn--bcher-kva.example:8443") == "bücher.example:8443"
    assert origins.shown("https://example.org") == "example.org"
    assert origins.shown("http://[::1]:3000") == "[::1]:3000"
    assert origins.shown("https://xn--j2bsalm0de7i.xn--h2brj9c") == "विद्यालय.भारत"
