"""What the benchmarks need from outside: from Debian, PyPI and npm, each into a place of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import Absent
from tools.uv import TOOLS, Problem, find_uv, say

CACHE = TOOLS / "bench"
LOAD = Path(__file__).with_name("load")


def ran(command: Sequence[str | Path], folder: Path | None = None, patience: float = 900) -> str:
    """Its output. Errors: `Absent` with the last lines of what it said."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder, timeout=patience
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{command[0]}: {error}") from None
    if done.returncode:
        raise Absent(f"`{' '.join(map(str, command))}` failed: {' / '.join(done.stdout.strip().splitlines()[-5:])}")
    return done.stdout


def debian(*packages: str) -> None:
    """Install with apt, when that needs no question. Errors: `Absent` with the line to type."""
    line = f"apt-get install --no-install-recommends {' '.join(packages)}"
    before = privilege()
    if before is None or not shutil.which("apt-get"):
        raise Absent(f"not installed; type: sudo {line}")
    say(f"Installing {', '.join(packages)} with apt, for the benchmarks.")
    apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    ran([*apt, "update"])
    ran([*apt, "install", "-y", "--no-install-recommends", *packages])


def privilege() -> list[str] | None:
    """What to put before a command that installs; None when this person would be asked for a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def program(name: str, *packages: str) -> Path:
    """Its path, installed first if need be."""
    where = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
    if shutil.which(name, path=where) is None:
        debian(*packages)
    found = shutil.which(name, path=where)
    if found is None:
        raise Absent(f"{name} is not here, though {', '.join(packages)} is installed")
    return Path(found)


def fanload() -> Path:
    """The load generator, built when its sources have changed."""
    compiler = shutil.which("gcc") or shutil.which("cc") or str(program("gcc", "gcc", "libc6-dev"))
    CACHE.mkdir(parents=True, exist_ok=True)
    built = CACHE / "fanload"
    if not built.exists() or built.stat().st_mtime < max(path.stat().st_mtime for path in LOAD.iterdir()):
        ran([compiler, "-O2", "-Wall", "-o", built, LOAD / "fanload.c"])
    return built


def python_environment(name: str, requirements: Path) -> Path:
    """A virtual environment of its own with what `requirements` lists; the path of its Python."""
    folder = CACHE / name
    stamp = folder / "requirements.txt"
    python = folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != requirements.read_text() or not python.exists():
        try:
            uv = find_uv()
        except Problem as problem:
            raise Absent(str(problem)) from None
        say(f"Installing {name} from PyPI into {folder.relative_to(TOOLS.parent)}.")
        ran([uv, "venv", "--clear", "--quiet", folder])
        ran([uv, "pip", "install", "--quiet", "--python", python, "--requirement", requirements])
        shutil.copy(requirements, stamp)
    return python


def node_modules(name: str, source: Path, extra: Sequence[str] = ()) -> Path:
    """A folder with a copy of `source` and the packages of its package.json; `extra` are installed beside them."""
    node, npm = program("node", "nodejs", "npm"), program("npm", "npm")
    folder = CACHE / name
    stamp = folder / "installed"
    wanted = f"{(source / 'package.json').read_text()} {' '.join(extra)} {ran([node, '--version'])}"
    shutil.copytree(source, folder, dirs_exist_ok=True)
    if not stamp.exists() or stamp.read_text() != wanted:
        say(
            f"Installing {name} from npm into {folder.relative_to(TOOLS.parent)}; compiling its SQLite may take minutes."
        )
        shutil.rmtree(folder / "node_modules", ignore_errors=True)
        ran([npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error", *extra], folder)
        stamp.write_text(wanted)
    return folder
