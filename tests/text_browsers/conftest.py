"""One server for all tests of this folder, and real text browsers to look at it with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ServerProcess
from tests.text_browsers.browsers import Lynx, W3m


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("server")) as process:
        yield process
        assert "Traceback" not in process.errors, process.errors


@pytest.fixture
def lynx(server: ServerProcess, tmp_path: Path) -> Lynx:
    return Lynx(server.url, tmp_path)


@pytest.fixture
def w3m(server: ServerProcess, tmp_path: Path) -> W3m:
    return W3m(server.url, tmp_path)
