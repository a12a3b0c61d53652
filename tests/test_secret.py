"""The secret that is made at the first start: one, however many start at once."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from sampark import secret

MANY = 16


def race(path: Path) -> set[str]:
    """What as many find who start at one moment. Threads have one process id, as containers may have."""
    gate = Barrier(MANY)

    def start(_: int) -> str:
        gate.wait()
        return secret.kept(path)

    with ThreadPoolExecutor(MANY) as pool:
        return {*pool.map(start, range(MANY))}


def assert_whole(path: Path, found: set[str]) -> None:
    assert found == {path.read_text()}
    assert len(path.read_text()) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [*path.parent.iterdir()] == [path], "drafts are left"


def test_all_who_start_at_once_agree(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / str(number) / "secret"
        assert_whole(path, race(path))


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP])
def test_they_agree_where_a_file_has_one_name_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def no_links(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", no_links)
    for number in range(10):
        path = tmp_path / str(number) / "secret"
        assert_whole(path, race(path))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="full"):
        secret.kept(tmp_path / "secret")
    assert [*tmp_path.iterdir()] == []


def test_too_little_is_refused_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("short")
    with pytest.raises(ValueError, match="secret"):
        secret.kept(path)
    assert path.read_text() == "short"
