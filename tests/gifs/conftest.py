from collections.abc import AsyncIterator

import pytest

from sampark.gifs.giphy import Giphy
from sampark.gifs.klipy import Klipy
from sampark.gifs.provider import Provider
from tests.gifs.gif_server import KEY, GifServer, gif_server


@pytest.fixture
async def server() -> AsyncIterator[GifServer]:
    async with gif_server() as running:
        yield running


@pytest.fixture(params=[Giphy, Klipy])
async def provider(request: pytest.FixtureRequest, server: GifServer) -> AsyncIterator[Provider]:
    made = request.param(KEY, base=server.base)
    yield made
    await made.close()
