"""Find uv, the program that installs the packages, or fetch the pinned one: with nothing but Python's own library."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
PYPI = "https://pypi.org/simple"

UV_VERSION = "0.13.9"
UV_WHEELS = {
    "linux-x86_64-glibc": (
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    "linux-x86_64-musl": (
        "musllinux_1_1_x86_64",
        "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    ),
    # One static binary serves both C libraries.
    "linux-aarch64-glibc": (
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    "linux-aarch64-musl": (
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    "macos-x86_64": (
        "macosx_10_12_x86_64",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
    "macos-arm64": (
        "macosx_11_0_arm64",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
}


class Problem(Exception):
    """Something the person at the terminal can mend; its text is a whole sentence that says how."""


def say(sentence: str) -> None:
    print(f"· {sentence}", file=sys.stderr, flush=True)


def find_uv() -> Path:
    """The first uv that is new enough: on PATH, fetched earlier, fetched now."""
    fetched = TOOLS / f"uv-{UV_VERSION}"
    for candidate in (shutil.which("uv"), fetched):
        if candidate and uv_version(Path(candidate)) >= version_tuple(UV_VERSION):
            return Path(candidate)
    TOOLS.mkdir(exist_ok=True)
    reasons = []
    ways: tuple[Callable[[Path], None], ...] = (fetch_uv, pip_install_uv)
    for way in ways:
        try:
            way(fetched)
            if uv_version(fetched) >= version_tuple(UV_VERSION):
                return fetched
            reasons.append("the uv that was fetched does not run on this machine")
        except (Problem, OSError, ValueError, zipfile.BadZipFile, subprocess.SubprocessError) as error:
            reasons.append(str(error))
    raise Problem(
        f"the installer uv is not here and could not be fetched: {'; then '.join(reasons)}.\n"
        "  Needed once: a way to pypi.org. Behind a proxy set HTTPS_PROXY, with a mirror UV_DEFAULT_INDEX;\n"
        "  if it is about certificates, install the system's (Debian: apt install ca-certificates).\n"
        f"  Or install uv {UV_VERSION} or later yourself (https://docs.astral.sh/uv/) and call the same command again."
    )


def version_tuple(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def uv_version(uv: Path) -> tuple[int, ...]:
    """Its version, or () when it does not run: a shim without a tool behind it, or another platform's file."""
    try:
        done = subprocess.run([uv, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return version_tuple(done.stdout)


def this_platform() -> str:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if sys.platform == "darwin":
        return "macos-arm64" if machine == "aarch64" else "macos-x86_64"
    libc = "glibc" if platform.libc_ver()[0] == "glibc" else "musl"
    return f"{sys.platform}-{machine}-{libc}"


def fetch_uv(target: Path) -> None:
    """Take the binary out of the pinned wheel, after its digest proved right."""
    if this_platform() not in UV_WHEELS:
        raise Problem(f"no uv is pinned for {this_platform()}")
    tag, digest = UV_WHEELS[this_platform()]
    filename = f"uv-{UV_VERSION}-py3-none-{tag}.whl"
    say(f"Fetching uv {UV_VERSION}, which installs the packages (once, about 25 MB).")
    page_url = f"{index_url()}/uv/"
    page = download(page_url).decode("utf-8", "replace")
    links = [html.unescape(link) for link in re.findall(r"""href=["']([^"']+)["']""", page)]
    found = next((link for link in links if urllib.parse.urlsplit(link).path.endswith(f"/{filename}")), None)
    if found is None:
        raise Problem(f"{shown(page_url)} does not list {filename}")
    body = download(urllib.parse.urljoin(page_url, found))
    if hashlib.sha256(body).hexdigest() != digest:
        raise Problem(f"{filename} arrived with a digest that is not the pinned one")
    with tempfile.TemporaryFile() as wheel:
        wheel.write(body)
        with zipfile.ZipFile(wheel) as archive:
            binary = archive.read(f"uv-{UV_VERSION}.data/scripts/uv")
    place_binary(binary, target)


def index_url() -> str:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name, "").startswith(("https://", "http://")):
            return os.environ[name].rstrip("/")
    return PYPI


def shown(url: str) -> str:
    """The address without a password that a mirror's may carry."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def download(url: str) -> bytes:
    """The body of a page; three tries, because networks of schools hiccup."""
    parts = urllib.parse.urlsplit(url)
    request = urllib.request.Request(shown(url), headers={"Accept": "text/html, */*;q=0.5"})
    if parts.username:
        login = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    for pause in (1, 3, None):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                body: bytes = answer.read()
                return body
        except (OSError, urllib.error.URLError) as error:
            final = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if pause is None or final:
                raise Problem(f"{shown(url)} did not answer ({getattr(error, 'reason', None) or error})") from error
            time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def place_binary(binary: bytes, target: Path) -> None:
    """Put the file there in one step, so that two calls at once cannot see half of it."""
    scratch = target.with_name(f"{target.name}.{os.getpid()}")
    scratch.write_bytes(binary)
    scratch.chmod(0o755)
    scratch.replace(target)


def pip_install_uv(target: Path) -> None:
    """The second way, for machines whose pip knows a mirror or certificates that urllib does not."""
    say("Trying with this Python's own pip.")
    with tempfile.TemporaryDirectory(dir=TOOLS) as scratch:
        steps: list[list[str]] = [
            [sys.executable, "-m", "venv", scratch],
            [f"{scratch}/bin/python", "-m", "pip", "install", "--quiet", "--only-binary=:all:", f"uv=={UV_VERSION}"],
        ]
        for step in steps:
            done = subprocess.run(step, capture_output=True, text=True)
            if done.returncode:
                lines = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
                raise Problem(f"python {' '.join(step[1:3])} failed ({lines[-1].strip()})")
        place_binary(Path(f"{scratch}/bin/uv").read_bytes(), target)
