"""The command line in this process: each call opens and closes the database as the real one does."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import tortoise.context
from click.testing import CliRunner, Result

from sampark.cli import main
from tests.databases import apart
from tests.support import PASSWORD, SECRET

Run = Callable[..., Result]


@dataclass
class Command:
    """`sampark …` with these settings."""

    environment: dict[str, str]

    def __call__(self, *words: str, input: str | None = None, **settings: str) -> Result:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**self.environment, **settings}.items():
                patch.setenv(name, value)
            try:
                return CliRunner().invoke(main, words, input=input)
            finally:
                tortoise.context._global_context = None

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Asked of the database directly."""
        url = self.environment["DATABASE_URL"]
        if url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite://").partition("?")[0])) as connection:
                found = connection.execute(sql).fetchall()
                connection.commit()
                return found
        return list(apart(self._rows(url, sql)))

    async def _rows(self, url: str, sql: str) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    def people(self, *names: str) -> None:
        for name in names:
            result = self("user", "create", name, f"{name}@example.org", input=f"{PASSWORD}\n")
            assert result.exit_code == 0, result.output


@pytest.fixture
def command_for(environment: pytest.MonkeyPatch, redis_url: str, tmp_path: Path) -> Callable[[str], Command]:
    """The command line on any database."""

    def make(url: str) -> Command:
        return Command(
            {
                "DATABASE_URL": url,
                "REDIS_URL": redis_url if url.startswith("postgres") else "",
                "SAMPARK_DATA_DIR": str(tmp_path / "data"),
                "SAMPARK_SECRET_KEY": SECRET,
                "SAMPARK_BCRYPT_COST": "4",
            }
        )

    return make


@pytest.fixture
def sampark(database: str, command_for: Callable[[str], Command]) -> Command:
    return command_for(database)
