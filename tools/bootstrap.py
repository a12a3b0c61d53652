"""Make the environment and run one of the project's chores in it.

    python3 -m tools.bootstrap [--own-env] run|demo|test|lint|bench|sync|exec [arguments]

The Makefile calls this; it needs Python 3.11 and nothing else: no pip, no venv module, no uv. Every package comes in
the version and with the digest that uv.lock names. What is installed is stamped, so that the next start goes straight
to the command.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said in a sentence rather than by a traceback
    sys.exit(
        "Sampark Setu needs Python 3.11 or later; {} is {}.{}. Name another one: make run PYTHON=python3.13".format(
            sys.executable, *sys.version_info[:2]
        )
    )

import argparse
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from tools.uv import Problem, find_uv, say

ROOT = Path(__file__).resolve().parent.parent


class Environment:
    """One folder of installed packages: `.venv`, or `.venv-3.13` when a Python was named on purpose."""

    def __init__(self, own: bool) -> None:
        self.folder = ROOT / (f".venv-{sys.version_info[0]}.{sys.version_info[1]}" if own else ".venv")
        self.stamp = self.folder / "sampark-stamp.json"

    def program(self, name: str) -> str:
        return str(self.folder / "bin" / name)

    def sync(self, dev: bool) -> None:
        """Bring it to what uv.lock says, unless its stamp says that it is there already."""
        stamped, wanted = self.read_stamp(), self.fingerprint()
        if stamped and {**stamped, "dev": None} == {**wanted, "dev": None} and (stamped["dev"] or not dev):
            return
        # Who has tested here keeps the test tools when the lock changes: run and test must not undo each other.
        dev = dev or bool(stamped.get("dev"))
        uv = find_uv()
        if stamped and (stamped["root"], stamped["python"]) != (wanted["root"], wanted["python"]):
            say("The folder moved or its Python changed: making the environment anew.")
            shutil.rmtree(self.folder)
        say(f"Installing packages into {self.folder.name} (the first time takes a minute).")
        self.stamp.unlink(missing_ok=True)
        command = [str(uv), "sync", "--frozen", *([] if dev else ["--no-dev"])]
        if subprocess.run(command, cwd=ROOT, env=self.variables()).returncode:
            raise Problem(
                "installing failed; uv says above what happened. "
                "If it was the network: the same command goes on where it stopped."
            )
        self.stamp.write_text(json.dumps({**wanted, "dev": dev}, indent=1) + "\n")

    def read_stamp(self) -> dict[str, object]:
        try:
            stamp: dict[str, object] = json.loads(self.stamp.read_text())
        except (OSError, ValueError):
            return {}
        complete = {"inputs", "python", "root", "dev"} <= stamp.keys()
        return stamp if complete and Path(self.program("sampark")).exists() else {}

    def fingerprint(self) -> dict[str, object]:
        inputs = hashlib.sha256()
        for name in ("uv.lock", "pyproject.toml"):
            inputs.update((ROOT / name).read_bytes())
        return {
            "inputs": inputs.hexdigest(),
            "python": f"{sys.version} at {sys.base_prefix}",
            "root": str(ROOT),
            "dev": None,
        }

    def variables(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH")
        }
        return kept | {
            "UV_PROJECT_ENVIRONMENT": str(self.folder),
            "UV_PYTHON": sys.executable,
            "UV_PYTHON_DOWNLOADS": "never",
            # Schools look into TLS with a certificate of their own, which the machine knows and uv by itself does not.
            "UV_SYSTEM_CERTS": os.environ.get("UV_SYSTEM_CERTS", "1"),
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "VIRTUAL_ENV": str(self.folder),
        }

    def become(self, *command: str) -> NoReturn:
        """Replace this process, so that Ctrl-C and SIGTERM reach the program itself."""
        sys.stdout.flush()
        os.execve(self.program(command[0]), command, self.variables())  # noqa: S606 - a shell would stand between

    def call(self, *command: str) -> int:
        return subprocess.run([self.program(command[0]), *command[1:]], cwd=ROOT, env=self.variables()).returncode


def run(env: Environment, arguments: list[str]) -> int:
    """Serve, with the data in ./var."""
    env.sync(dev=False)
    env.become("sampark", "serve", *arguments)


def demo(env: Environment, arguments: list[str]) -> int:
    """Serve a lively example, with data of its own in ./var/demo, so that it never mixes with real rooms."""
    env.sync(dev=False)
    os.environ.setdefault("SAMPARK_DATA_DIR", str(ROOT / "var" / "demo"))
    failed = env.call("sampark", "seed-demo")
    if failed:
        return failed
    env.become("sampark", "serve", *arguments)


def test(env: Environment, arguments: list[str]) -> int:
    """The whole suite, in as many processes as there are processors, once Redis, PostgreSQL and browsers are there."""
    env.sync(dev=True)
    failed = env.call("python", "-m", "tests.machine", "ensure")
    if failed:
        return failed
    alone = any(argument == "--pdb" or argument.startswith(("-n", "--numprocesses")) for argument in arguments)
    env.become("python", "-m", "pytest", *([] if alone else ["--numprocesses=auto"]), *arguments)


def lint(env: Environment, arguments: list[str]) -> int:
    """Every check that needs no running server, side by side; what failed is told at the end."""
    env.sync(dev=True)
    checks: dict[str, list[str]] = {
        "ruff": ["ruff", "check", "--quiet", "."],
        "ruff format": ["ruff", "format", "--quiet", "--check", "--diff", "."],
        "mypy": ["mypy", "--no-error-summary"],
        "lint-imports": ["lint-imports", "--no-cache"],
        "templates": ["python", "-m", "tools.lint_templates"],
        "styles": ["python", "-m", "tools.lint_styles"],
        "hadolint": ["hadolint", "Dockerfile"],
        "yamllint": ["yamllint", "--strict", "."],
    }
    with ThreadPoolExecutor() as pool:
        running = {name: pool.submit(captured, env, command) for name, command in checks.items()}
    failed = [name for name, future in running.items() if not told(name, future.result())]
    if failed:
        say(f"Not clean: {', '.join(failed)}.")
    return 1 if failed else 0


def captured(env: Environment, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [env.program(command[0]), *command[1:]],
        cwd=ROOT,
        env=env.variables(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def told(name: str, done: subprocess.CompletedProcess[str]) -> bool:
    print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name}", flush=True)
    if done.returncode:
        print(done.stdout.rstrip(), flush=True)
    return done.returncode == 0


def bench(env: Environment, arguments: list[str]) -> int:
    """What it costs, measured on this machine, beside what others cost."""
    env.sync(dev=False)
    env.become("python", "-m", "benchmarks", *arguments)


def sync(env: Environment, arguments: list[str]) -> int:
    """Only install; `sync --dev` with the tools for tests and checks."""
    env.sync(dev="--dev" in arguments)
    return 0


def execute(env: Environment, arguments: list[str]) -> int:
    """Any program of the environment, with the development tools: `exec python tools/migration.py new-table`."""
    env.sync(dev=True)
    env.become(*arguments)


CHORES: dict[str, Callable[[Environment, list[str]], int]] = {
    "run": run,
    "demo": demo,
    "test": test,
    "lint": lint,
    "bench": bench,
    "sync": sync,
    "exec": execute,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the environment and run one of the project's chores in it.")
    parser.add_argument(
        "--own-env", action="store_true", help="use an environment of this Python's own, such as .venv-3.13"
    )
    parser.add_argument("chore", choices=CHORES)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    chosen = parser.parse_args()
    os.chdir(ROOT)
    try:
        return CHORES[chosen.chore](Environment(chosen.own_env), chosen.arguments)
    except Problem as problem:
        print(f"\n✗ {str(problem)[:1].upper()}{str(problem)[1:]}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        with suppress(BrokenPipeError):
            print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
