"""What `make` does before it starts anything: uv only with the pinned digest, packages only when something changed."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import bootstrap, uv

SCRIPT = b"#!/bin/sh\necho uv 0.0.0\n"


def wheel() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr(f"uv-{uv.UV_VERSION}.data/scripts/uv", SCRIPT)
    return body.getvalue()


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A package index with one wheel for this machine; returns the addresses asked for."""
    asked: list[str] = []
    tag, _ = uv.UV_WHEELS[uv.this_platform()]
    page = f'<a href="../../files/uv-{uv.UV_VERSION}-py3-none-{tag}.whl#sha256=0">uv</a>'

    def download(url: str) -> bytes:
        asked.append(url)
        return wheel() if ".whl" in url else page.encode()

    monkeypatch.setattr(uv, "download", download)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mirror.example/simple/")
    return asked


def test_a_wheel_with_another_digest_is_refused(index: list[str], tmp_path: Path) -> None:
    with pytest.raises(uv.Problem, match="digest"):
        uv.fetch_uv(tmp_path / "uv")
    assert list(tmp_path.iterdir()) == []


def test_the_binary_comes_out_of_the_pinned_wheel(
    index: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag, _ = uv.UV_WHEELS[uv.this_platform()]
    monkeypatch.setitem(uv.UV_WHEELS, uv.this_platform(), (tag, hashlib.sha256(wheel()).hexdigest()))
    uv.fetch_uv(tmp_path / "uv")
    assert (tmp_path / "uv").read_bytes() == SCRIPT
    assert (tmp_path / "uv").stat().st_mode & 0o111
    assert index[0] == "https://mirror.example/simple/uv/"
    assert index[1].startswith("https://mirror.example/files/uv-")


def test_a_shim_with_nothing_behind_it_is_no_uv(tmp_path: Path) -> None:
    shim = tmp_path / "uv"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert uv.uv_version(shim) == ()
    assert uv.uv_version(tmp_path / "none") == ()


def test_an_address_is_shown_without_its_password() -> None:
    assert uv.shown("https://me:secret@mirror.example/simple") == "https://mirror.example/simple"


@pytest.fixture
def syncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A checkout of its own, where uv does nothing but say how it was called."""
    calls: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "find_uv", lambda: Path("uv"))
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text("one")

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        calls.append(command[3:])
        program = tmp_path / ".venv" / "bin" / "sampark"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    return calls


def test_a_second_start_installs_nothing(syncs: list[list[str]]) -> None:
    for _ in range(2):
        bootstrap.Environment(own=False).sync(dev=False)
    assert syncs == [["--no-dev"]]


def test_running_and_testing_do_not_undo_each_other(syncs: list[list[str]], tmp_path: Path) -> None:
    environment = bootstrap.Environment(own=False)
    for dev in (False, True, False, True):
        environment.sync(dev=dev)
    (tmp_path / "uv.lock").write_text("two")
    environment.sync(dev=False)
    assert syncs == [["--no-dev"], [], []]


def test_a_folder_that_moved_gets_a_new_environment(syncs: list[list[str]], tmp_path: Path) -> None:
    environment = bootstrap.Environment(own=False)
    environment.sync(dev=False)
    stamp = json.loads(environment.stamp.read_text())
    environment.stamp.write_text(json.dumps({**stamp, "root": "/elsewhere"}))
    (tmp_path / ".venv" / "left-over").touch()
    environment.sync(dev=False)
    assert len(syncs) == 2
    assert not (tmp_path / ".venv" / "left-over").exists()


def test_a_python_named_on_purpose_leaves_the_usual_environment_alone() -> None:
    assert bootstrap.Environment(own=False).folder.name == ".venv"
    assert bootstrap.Environment(own=True).folder.name == f".venv-{sys.version_info[0]}.{sys.version_info[1]}"
