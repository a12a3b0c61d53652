"""Origins of web sites: read strictly from what somebody types, in the one form in which browsers send them (RFC 6454, section 6.2)."""

import contextlib
import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import idna

from sampark.text.language import N_
from sampark.text.problems import Invalid

LONGEST = 300
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_FORM = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^][/?#@:\s]+)(?::([0-9]{1,5}))?/?", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://)[^/?#\\\s]+", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

_NO_ORIGIN = N_(
    "“%(typed)s” is not the address of a site. Write it with its beginning and without a path: https://www.example.org,"
    " or http://localhost:3000 while you try it out."
)


def read(typed: str, field: str = "origin") -> str:
    """`https://bücher.example:443/` as `https://xn--bcher-kva.example`. One slash may follow, a path may not.

    Errors: `Invalid`, for whatever a browser would not call the same, and for wildcards, users, and what could end a header's value.
    """
    text = typed.strip()
    found = _FORM.fullmatch(text) if len(text) <= LONGEST else None
    host = _host(found[2].lower()) if found else None
    if not found or host is None or (found[3] and not 0 < int(found[3]) < 65536):
        raise Invalid(_NO_ORIGIN, field, typed=text[:60])
    scheme, port = found[1].lower(), str(int(found[3])) if found[3] else ""
    return f"{scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS[scheme] else "")


def of_address(address: str) -> str | None:
    """The origin of a whole address, as a `Referer` holds one; None if it has none."""
    begins = _ADDRESS.match(address)
    try:
        return read(begins[0]) if begins else None
    except Invalid:
        return None


def split(address: str) -> SplitResult:
    """`urlsplit` for what anybody may have sent, as headers are; all parts are empty of what is no address."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def shown(origin: str) -> str:
    """As people know it: `https://xn--bcher-kva.example:8443` as `bücher.example:8443`."""
    place = origin.partition("://")[2]
    if "xn--" in place:
        with contextlib.suppress(idna.IDNAError):
            host, colon, port = place.partition(":")
            return f"{idna.decode(host)}{colon}{port}"
    return place


def _host(host: str) -> str | None:
    if host.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        except ValueError:
            return None
    try:
        ascii_host = (
            idna.encode(host, uts46=True, std3_rules=True).decode() if not host.isascii() or "xn--" in host else host
        )
    except (idna.IDNAError, UnicodeError):
        return None
    labels = ascii_host.split(".")
    if len(ascii_host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    # Browsers take 0x7f.1 and 2130706433 for addresses (WHATWG URL, “ends in a number”); only their plain form may stand here.
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        try:
            return str(ipaddress.IPv4Address(ascii_host))
        except ValueError:
            return None
    return ascii_host
