"""Which faults of a database mean that it cannot be had just now, and which that it was asked something wrong."""

from __future__ import annotations

import sqlite3

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from sampark import db, server
from sampark.chat import accounts


@pytest.mark.parametrize(
    "words", ["database or disk is full", "disk I/O error", "database is locked", "unable to open database file"]
)
def test_a_disk_that_refuses_is_away_whoever_says_so(words: str) -> None:
    plain = sqlite3.OperationalError(words)
    assert db.is_away(plain)
    assert db.is_away(OperationalError(plain))


@pytest.mark.parametrize(
    "fault",
    [
        sqlite3.OperationalError("no such table: people"),
        OperationalError(sqlite3.OperationalError('near "SELEC": syntax error')),
        sqlite3.IntegrityError("UNIQUE constraint failed: users.email_key"),
        IntegrityError("UNIQUE constraint failed"),
        ValueError("disk"),
    ],
)
def test_a_wrong_question_is_not(fault: Exception) -> None:
    assert not db.is_away(fault)


async def test_a_database_that_goes_away_after_the_start_takes_no_server_along(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(fault: Exception) -> bool:
        raise fault

    monkeypatch.setattr(accounts, "nobody_yet", lambda: fails(ConnectionRefusedError()))
    assert await server._is_new() is False
    monkeypatch.setattr(accounts, "nobody_yet", lambda: fails(ValueError()))
    with pytest.raises(ValueError):  # noqa: PT011 - the very one
        await server._is_new()
