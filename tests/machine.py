"""What the tests need from the machine: Redis, PostgreSQL, Chromium, lynx, w3m, promtool, PHP, Go.

`python -m tests.machine ensure` finds them, installs what is missing where it may, and fails with the line to type
where it may not: a missing part is never a silent skip. TEST_REDIS_URL and TEST_POSTGRES_URL name servers that run
already; CHROMIUM names a browser.
"""

from __future__ import annotations

import argparse
import functools
import glob
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 30.0  # seconds that a program may take to say its version on a busy machine
REDIS = ("redis-server", "valkey-server")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
POSTGRES_ELSEWHERE = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/pgsql-*/bin",
)


class Missing(Exception):
    """A part that is not on this machine; its text says what to do."""


@functools.cache
def runs(program: str) -> bool:
    """Whether it is more than a name: shims of snap and of version managers have names with nothing behind them."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def first_that_runs(candidates: Sequence[str | None]) -> str | None:
    return next((candidate for candidate in candidates if candidate and runs(candidate)), None)


def unfold(patterns: Sequence[str]) -> list[str]:
    """Files that match, the highest version first."""
    return [
        path
        for pattern in patterns
        for path in sorted(glob.glob(os.path.expanduser(pattern)), key=by_number, reverse=True)
    ]


def by_number(path: str) -> list[int]:
    digits = "".join(letter if letter.isdigit() else " " for letter in path)
    return [int(number) for number in digits.split()]


def find_redis() -> str | None:
    return first_that_runs([shutil.which(name) for name in REDIS])


def find_postgres() -> str | None:
    """The folder with initdb and postgres."""
    on_path = shutil.which("initdb")
    folders = [os.path.dirname(os.path.realpath(on_path))] if on_path else []
    for folder in [*folders, *unfold(POSTGRES_ELSEWHERE)]:
        if runs(f"{folder}/initdb") and runs(f"{folder}/postgres"):
            return folder
    return None


def find_chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    on_path = [shutil.which(name) for name in CHROMIUM]
    return first_that_runs([named and shutil.which(named), *on_path, *unfold(CHROMIUM_ELSEWHERE)])


def find_lynx() -> str | None:
    return shutil.which("lynx")


def find_w3m() -> str | None:
    return shutil.which("w3m")


def find_promtool() -> str | None:
    return first_that_runs([shutil.which("promtool")])


def find_php() -> str | None:
    return first_that_runs([shutil.which("php")])


def find_go() -> str | None:
    """It says its version to `version` alone."""
    path = shutil.which("go")
    return path if path and subprocess.run([path, "version"], capture_output=True).returncode == 0 else None


@dataclass(frozen=True)
class Part:
    """One thing that tests need: how to find it and what the package is called."""

    name: str
    find: Callable[[], str | None]
    debian: str
    fedora: str
    brew: str
    instead: str = ""  # the variable that can name a running one

    def there(self) -> bool:
        return bool(os.environ.get(self.instead)) or self.find() is not None


PARTS = (
    Part("Redis", find_redis, "redis-server", "valkey", "redis", "TEST_REDIS_URL"),
    Part("PostgreSQL", find_postgres, "postgresql", "postgresql-server", "postgresql@17", "TEST_POSTGRES_URL"),
    Part("Chromium", find_chromium, "chromium", "chromium", "--cask chromium"),
    Part("lynx", find_lynx, "lynx", "lynx", "lynx"),
    Part("w3m", find_w3m, "w3m", "w3m", "w3m"),
    Part("promtool", find_promtool, "prometheus", "golang-github-prometheus", "prometheus"),
    Part("PHP", find_php, "php-cli", "php-cli", "php"),
    Part("Go", find_go, "gccgo-go", "golang", "go"),
)


def found(part: str) -> str:
    """The path of a part, or Missing with the line to type."""
    wanted = next(known for known in PARTS if known.name == part)
    path = wanted.find()
    if path is None:
        raise Missing(f"{part} is not installed. {advice([wanted])}")
    return path


def chromium_path() -> str:
    return found("Chromium")


def lynx_path() -> str:
    return found("lynx")


def w3m_path() -> str:
    return found("w3m")


def promtool_path() -> str:
    return found("promtool")


def php_path() -> str:
    return found("PHP")


def go_path() -> str:
    return found("Go")


def missing() -> list[Part]:
    return [part for part in PARTS if not part.there()]


def advice(parts: Sequence[Part]) -> str:
    """The line to type on this machine."""
    if shutil.which("brew"):
        casks = [part.brew for part in parts if part.brew.startswith("--cask")]
        formulas = " ".join(part.brew for part in parts if not part.brew.startswith("--cask"))
        lines = [f"brew install {line}" for line in ([formulas] if formulas else []) + casks]
        return "Type: " + " && ".join(lines)
    if shutil.which("apt-get"):
        snap = "ubuntu" in os_release()  # there the package is a script that asks for a snap
        apt = [part.debian for part in parts if not (snap and part.name == "Chromium")]
        lines = ["sudo apt-get install --no-install-recommends " + " ".join(apt)] if apt else []
        if len(apt) < len(parts):
            lines.append(".venv/bin/playwright install --with-deps chromium")
        return "Type: " + " && ".join(lines)
    if shutil.which("dnf"):
        return "Type: sudo dnf install " + " ".join(part.fedora for part in parts)
    return "Install it with your system's package manager, or set " + ", ".join(
        part.instead or part.name.upper() for part in parts if part.instead or part.name == "Chromium"
    )


def os_release() -> str:
    try:
        return Path("/etc/os-release").read_text().lower()
    except OSError:
        return ""


def privilege() -> list[str] | None:
    """What to put before a command that installs; None when this person may not, or would be asked for a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def install(parts: Sequence[Part]) -> None:
    """Through apt, when that needs no question; else nothing, and the caller says what is missing."""
    before = privilege()
    if before is None or not shutil.which("apt-get"):
        return
    wanted = [part.debian for part in parts if not ("ubuntu" in os_release() and part.name == "Chromium")]
    if not wanted:
        return
    print(f"· Installing {', '.join(wanted)} with apt, for the tests.", file=sys.stderr, flush=True)
    apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    for step in (["update"], ["install", "-y", "--no-install-recommends", *wanted]):
        done = subprocess.run([*apt, *step], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            print("\n".join(done.stdout.splitlines()[-15:]), file=sys.stderr, flush=True)
    runs.cache_clear()


def ensure() -> int:
    """Everything is here afterwards, or this says what is not, and fails."""
    lacking = missing()
    if lacking:
        install(lacking)
        lacking = missing()
    if not lacking:
        return 0
    print(f"✗ The tests need {', '.join(part.name for part in lacking)}. {advice(lacking)}", file=sys.stderr)
    for part in lacking:
        if part.instead:
            print(f"  Or let {part.instead} name a {part.name} that runs already.", file=sys.stderr)
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Find, or install, what the tests need from the machine.")
    parser.add_argument("verb", choices=("ensure", "list"))
    if parser.parse_args().verb == "ensure":
        return ensure()
    for part in PARTS:
        print(f"{part.name:11} {os.environ.get(part.instead) or part.find() or 'missing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
