"""`sampark …`: what an operator does, and the sentences that say why not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sampark import __version__
from sampark.chat import passwords
from tests.cli.conftest import Command
from tests.databases import sqlite_url
from tests.support import PASSWORD


@pytest.fixture
def bare(tmp_path: Path, command_for: Callable[[str], Command]) -> Command:
    """No database yet."""
    return command_for(sqlite_url(tmp_path / "bare" / "sampark.db"))


def test_help_and_version_need_no_settings(bare: Command) -> None:
    assert __version__ in bare("--version").output
    result = bare("--help", DATABASE_URL="nonsense")
    assert result.exit_code == 0
    for name in ("serve", "migrate", "check", "backup", "restore", "user", "room", "seed-demo"):
        assert re.search(rf"^  {name} ", result.output, re.MULTILINE), name


def test_migrate_says_what_it_did(bare: Command) -> None:
    assert bare("migrate").output.startswith("applied 0_")
    assert bare("migrate").output == "The database is up to date.\n"


def test_an_account_is_made_with_the_password_from_standard_input(sampark: Command) -> None:
    result = sampark("user", "create", "Asha", "asha@example.org", input=f"{PASSWORD}\n", SAMPARK_REGISTRATION="closed")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    result = sampark("user", "create", "ravi", "ravi@example.org", input=f"{PASSWORD}\n", SAMPARK_REGISTRATION="closed")
    assert result.exit_code == 0
    people = sampark.rows("SELECT username, is_admin, password_hash FROM users ORDER BY id")
    assert [(name, bool(is_admin)) for name, is_admin, _ in people] == [("Asha", True), ("ravi", False)]
    assert passwords._matches(PASSWORD, people[0][2])


@pytest.mark.parametrize(
    ("name", "email", "password", "sentence"),
    [
        ("ab", "a@example.org", PASSWORD, "too short by 1"),
        ("asha", "nonsense", PASSWORD, "e-mail"),
        ("asha", "a@example.org", "short", "at least 8"),
        ("ravi", "x@example.org", PASSWORD, "taken"),
        ("asha", "a@example.org", "", "at least 8"),
    ],
)
def test_an_account_that_cannot_be_is_one_line(
    sampark: Command, name: str, email: str, password: str, sentence: str
) -> None:
    sampark.people("ravi")
    result = sampark("user", "create", name, email, input=f"{password}\n")
    assert result.exit_code == 1
    assert sentence in result.output
    assert len(result.output.strip().splitlines()) == 1
    assert len(sampark.rows("SELECT id FROM users")) == 1


def test_a_new_password_signs_out_everywhere(sampark: Command) -> None:
    sampark.people("asha", "ravi")
    for name in ("asha", "ravi"):
        sampark.rows(
            "INSERT INTO sessions (token_hash, created_at, expires_at, agent, user_id)"
            f" SELECT '{name}', created_at, created_at, '', id FROM users WHERE username = '{name}'"
        )
    result = sampark("user", "password", "ASHA@example.org", input="five newts balancing\n")
    assert result.exit_code == 0, result.output
    assert sampark.rows("SELECT token_hash FROM sessions") == [("ravi",)]
    [(stored,)] = sampark.rows("SELECT password_hash FROM users WHERE username = 'asha'")
    assert passwords._matches("five newts balancing", stored)
    for name, password, sentence in (("nobody", "five newts balancing", "nobody"), ("asha", "short", "at least 8")):
        refused = sampark("user", "password", name, input=f"{password}\n")
        assert refused.exit_code == 1
        assert sentence in refused.output
    assert sampark.rows("SELECT password_hash FROM users WHERE username = 'asha'") == [(stored,)]


def test_a_global_room_has_everyone(sampark: Command) -> None:
    sampark.people("asha", "ravi")
    result = sampark("room", "create", "--global", "Everyone", "--description", "All of us")
    assert result.exit_code == 0, result.output
    shown = re.search(r"\w{4}-\w{4}-\w{4}", result.output)
    assert shown
    assert sampark.rows("SELECT code, name, description FROM rooms") == [
        (shown[0].replace("-", ""), "Everyone", "All of us")
    ]
    assert len(sampark.rows("SELECT id FROM memberships")) == 2
    sampark.people("mina")
    assert len(sampark.rows("SELECT id FROM memberships")) == 3
    assert sampark("room", "create", "--global", "x").exit_code == 1
    assert sampark("room", "create", "Private").exit_code == 2


def test_check_says_that_all_is_well(sampark: Command) -> None:
    result = sampark("check")
    assert result.exit_code == 0, result.output
    assert result.output.rstrip().endswith("All is well.")
    kind = "PostgreSQL" if sampark.environment["DATABASE_URL"].startswith("postgres") else "SQLite"
    assert kind in result.output


def test_check_repeats_no_secret(sampark: Command) -> None:
    result = sampark("check", SAMPARK_METRICS_TOKEN="metrics-token", GIPHY_API_KEY="giphy-key")
    for secret in (sampark.environment["SAMPARK_SECRET_KEY"], "metrics-token", "giphy-key", "sampark@127"):
        assert secret not in result.output


def test_check_tells_what_is_wrong(bare: Command, command_for: Callable[[str], Command], empty_postgres: str) -> None:
    result = bare("check")
    assert result.exit_code == 0, result.output
    assert "the database is empty" in result.output
    gone = command_for("postgres://nobody@127.0.0.1:1/none")
    result = gone("check", REDIS_URL="redis://127.0.0.1:1/0")
    assert result.exit_code == 1
    assert "WRONG: the database does not answer" in result.output
    assert "WRONG: Redis does not answer" in result.output
    result = command_for(empty_postgres)("check", REDIS_URL="redis://127.0.0.1:1/0")
    assert result.exit_code == 1
    assert "database does not answer" not in result.output


def test_check_makes_nothing_where_there_is_nothing(
    bare: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for named in ({}, {"SAMPARK_DATA_DIR": str(tmp_path / "elsewhere")}):
        none = {"DATABASE_URL": "", "SAMPARK_DATA_DIR": "", "SAMPARK_SECRET_KEY": "", **named}
        result = bare("check", **none)
        assert result.exit_code == 0
        folder = Path(named.get("SAMPARK_DATA_DIR", tmp_path / "var"))
        assert f"There is no database in {folder} yet" in result.output
        assert "All is well" not in result.output
        result = bare("check", **none, REDIS_URL="redis://127.0.0.1:1/0")
        assert result.exit_code == 1
        assert "WRONG: Redis does not answer" in result.output
    assert not [*tmp_path.iterdir()]


def test_check_finishes_a_deletion_that_was_cut_short(sampark: Command) -> None:
    sampark.people("asha")
    sampark("room", "create", "--global", "Everyone")
    sampark.rows("UPDATE rooms SET code = '!1'")
    result = sampark("check")
    assert result.exit_code == 0
    assert "Mended" in result.output
    assert sampark.rows("SELECT COUNT(*) FROM rooms") == [(0,)]


@pytest.mark.parametrize(
    "words", [("serve", "--port", "0"), ("migrate",), ("check",), ("user", "create", "a", "b"), ("backup", "x")]
)
def test_a_wrong_setting_stops_every_command_in_one_line(bare: Command, words: tuple[str, ...]) -> None:
    result = bare(*words, PORT="eighty")
    assert result.exit_code == 1
    [line] = result.output.strip().splitlines()
    assert line == "sampark: PORT='eighty' cannot be used: give a whole number from 0 to 65535."


def test_several_workers_on_sqlite_are_refused(bare: Command) -> None:
    result = bare("serve", "--port", "0", "--workers", "2")
    assert result.exit_code == 1
    [line] = result.output.strip().splitlines()
    assert line.startswith("sampark: --workers=2 cannot be used: several processes need PostgreSQL")
    assert "exactly one" in line


def test_postgres_without_redis_is_refused(bare: Command) -> None:
    for workers in ("1", "2"):
        result = bare(
            "serve", "--port", "0", "--workers", workers, DATABASE_URL="postgres://u@127.0.0.1:1/x", REDIS_URL=""
        )
        assert result.exit_code == 1
        [line] = result.output.strip().splitlines()
        assert "DATABASE_URL is PostgreSQL but REDIS_URL is not set" in line


@pytest.mark.parametrize(
    "words",
    [
        ("migrate",),
        ("user", "create", "asha", "a@example.org"),
        ("serve", "--port", "0"),
        ("room", "create", "--global", "Everyone"),
    ],
)
def test_a_database_that_is_away_is_one_line(command_for: Callable[[str], Command], words: tuple[str, ...]) -> None:
    result = command_for("postgres://nobody@127.0.0.1:1/none")(*words, input=f"{PASSWORD}\n")
    assert result.exit_code == 1
    [line] = result.output.strip().splitlines()
    assert "the database" in line
    assert "DATABASE_URL" in line


@pytest.mark.parametrize("words", [("migrate",), ("check",), ("user", "create", "asha", "a@example.org")])
def test_a_database_that_refuses_us_is_one_line(
    command_for: Callable[[str], Command], own_postgres: str, words: tuple[str, ...]
) -> None:
    """The server answers, but there is no such database."""
    wrong = own_postgres.rpartition("/")[0] + "/no_such_database"
    result = command_for(wrong)(*words, input=f"{PASSWORD}\n")
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    assert "database" in result.output
    assert "Traceback" not in result.output


def test_a_file_that_is_no_database_is_one_line(bare: Command, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "sampark.db").write_text("This is not a database, but a letter." * 100)
    for words in (("migrate",), ("check",), ("serve", "--port", "0")):
        result = bare(*words)
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit), result.exception
        assert len(result.output.strip()) > 20


def test_an_address_that_is_taken_is_one_line(bare: Command) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = bare("serve", "--port", port)
    assert result.exit_code == 1
    [line] = result.output.strip().splitlines()
    assert f"PORT={port} cannot be used" in line


def test_the_module_is_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sampark", "--version"],
        capture_output=True,
        text=True,
        env={**os.environ, "SAMPARK_DATA_DIR": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (0, f"sampark, version {__version__}\n")
