"""Settings: each wrong value stops the start with one line that names the variable, the value and the mend."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sampark.app import create_app
from sampark.setting_names import misspelt
from sampark.settings import Settings, SettingsError, from_environment

KEY = "k" * 32


def read(tmp_path: Path, **environ: str) -> Settings:
    return from_environment({"SAMPARK_DATA_DIR": str(tmp_path), "SAMPARK_SECRET_KEY": KEY, **environ})


def test_nothing_set_means_sqlite_and_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = from_environment({})
    assert settings.data_dir == tmp_path / "var"
    assert settings.is_sqlite
    assert str(tmp_path / "var" / "sampark.db") in settings.database_url
    assert (settings.redis_url, settings.host, settings.port) == (None, "127.0.0.1", 8000)
    assert (settings.trusted_hops, settings.registration, settings.rate_scale, settings.max_upload_mb) == (
        0,
        "open",
        1,
        50,
    )
    assert not settings.is_secure


def test_empty_values_are_as_if_not_set(tmp_path: Path) -> None:
    names = (
        "DATABASE_URL",
        "REDIS_URL",
        "HOST",
        "PORT",
        "SAMPARK_PUBLIC_URL",
        "SAMPARK_RATE_SCALE",
        "SAMPARK_REGISTRATION",
        "SAMPARK_STORAGE_URL",
    )
    assert read(tmp_path, **dict.fromkeys(names, "")) == read(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "80.5"),
        ("SAMPARK_TRUSTED_HOPS", "-1"),
        ("SAMPARK_TRUSTED_HOPS", "yes"),
        ("SAMPARK_RATE_SCALE", "fast"),
        ("SAMPARK_RATE_SCALE", "-1"),
        ("SAMPARK_RATE_SCALE", "nan"),
        ("SAMPARK_RATE_SCALE", "inf"),
        ("SAMPARK_REGISTRATION", "maybe"),
        ("SAMPARK_REGISTRATION", "Open"),
        ("SAMPARK_MAX_UPLOAD_MB", "0"),
        ("SAMPARK_MAX_UPLOAD_MB", "50MB"),
        ("SAMPARK_BCRYPT_COST", "3"),
        ("SAMPARK_BCRYPT_COST", "31"),
        ("SAMPARK_PUBLIC_URL", "chat.example.org"),
        ("SAMPARK_PUBLIC_URL", "ftp://chat.example.org"),
        ("SAMPARK_PUBLIC_URL", "https://chat.example.org/chat"),
        ("SAMPARK_PUBLIC_URL", "https://chat.example.org/?x=1"),
        ("SAMPARK_PUBLIC_URL", "https://chat.example.org/#x"),
        ("SAMPARK_PUBLIC_URL", "https://"),
        ("SAMPARK_PUBLIC_URL", "https://[chat"),
        ("SAMPARK_PUBLIC_URL", "https://chat.example.org:99999"),
        ("SAMPARK_PUBLIC_URL", "https://me@chat.example.org"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://[localhost"),
        ("REDIS_URL", "redis://localhost:port"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "sqlite:"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite://?synchronous=OFF"),
        ("DATABASE_URL", "sqlite:///tmp/x.db?synchronous=SOMETIMES"),
        ("DATABASE_URL", "/var/lib/sampark.db"),
        ("DATABASE_URL", "postgres://localhost"),
        ("DATABASE_URL", "postgres:///sampark"),
        ("DATABASE_URL", "postgres://[localhost/x"),
        ("DATABASE_URL", "postgres://localhost:port/x"),
        ("SAMPARK_STORAGE_URL", "ftp://x"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    redis = {} if name == "REDIS_URL" else {"REDIS_URL": "redis://127.0.0.1:6379/0"}
    with pytest.raises(SettingsError) as refusal:
        create_app(read(tmp_path, **redis, **{name: value}))
    [line] = str(refusal.value).splitlines()
    assert name in line
    assert repr(value) in line
    assert len(line.partition("cannot be used: ")[2]) > 10


def test_postgres_without_redis_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL is PostgreSQL but REDIS_URL is not set"):
        read(tmp_path, DATABASE_URL="postgres://u@localhost/x")


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "SAMPARK_STORAGE_URL"])
def test_a_refusal_repeats_no_password(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read(tmp_path, **{name: "nothing://asha:hunter22@db.example.org/x"})
    assert "hunter22" not in str(refusal.value)
    assert "db.example.org" in str(refusal.value)


def test_a_short_secret_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SAMPARK_SECRET_KEY is too short") as refusal:
        read(tmp_path, SAMPARK_SECRET_KEY="swordfish")
    assert "swordfish" not in str(refusal.value)


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    environ = {"SAMPARK_DATA_DIR": str(tmp_path / "new" / "folder")}
    first = from_environment(environ).secret_key
    assert len(first) >= 64
    assert from_environment(environ).secret_key == first
    assert stat.S_IMODE((tmp_path / "new" / "folder" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["secret"]


def test_processes_that_start_together_agree_on_one_secret(tmp_path: Path) -> None:
    code = "from sampark.settings import from_environment; print(from_environment().secret_key)"
    environ = {**os.environ, "SAMPARK_DATA_DIR": str(tmp_path)}
    starting = [
        subprocess.Popen([sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in starting}) == 1


@pytest.mark.parametrize("kept", ["", "\n", "short"])
def test_a_kept_secret_that_protects_nothing_is_refused(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secret").write_text(kept)
    with pytest.raises(SettingsError, match="secret"):
        from_environment({"SAMPARK_DATA_DIR": str(tmp_path)})


def test_a_data_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="SAMPARK_DATA_DIR") as refusal:
        from_environment({"SAMPARK_DATA_DIR": str(tmp_path / "file")})
    assert repr(str(tmp_path / "file")) in str(refusal.value)


def test_a_public_url_is_an_origin(tmp_path: Path) -> None:
    assert read(tmp_path, SAMPARK_PUBLIC_URL="https://Chat.Example.org/").public_url == "https://chat.example.org"
    assert read(tmp_path, SAMPARK_PUBLIC_URL="http://10.0.0.5:8000").public_url == "http://10.0.0.5:8000"
    # A browser leaves the usual port out of the Origin that it sends.
    assert read(tmp_path, SAMPARK_PUBLIC_URL="https://chat.example.org:443").public_url == "https://chat.example.org"
    assert read(tmp_path, SAMPARK_PUBLIC_URL="http://chat.example.org:80").public_url == "http://chat.example.org"


def test_https_turns_on_secure_cookies(tmp_path: Path) -> None:
    assert read(tmp_path, SAMPARK_PUBLIC_URL="https://chat.example.org").is_secure
    assert not read(tmp_path, SAMPARK_PUBLIC_URL="http://chat.example.org").is_secure


def test_sqlite_waits_for_the_disk_unless_told_otherwise(tmp_path: Path) -> None:
    assert "synchronous=FULL" in read(tmp_path).database_url
    assert "synchronous=OFF" in read(tmp_path, DATABASE_URL="sqlite:///x.db?synchronous=OFF").database_url


def test_postgres_gets_a_pool_and_a_time_limit(tmp_path: Path) -> None:
    url = read(tmp_path, DATABASE_URL="postgresql://u:p%40ss@h:5433/d?maxsize=7", REDIS_URL="redis://h").database_url
    assert url.startswith("postgres://u:p%40ss@h:5433/d?")
    assert "maxsize=7" in url
    assert "command_timeout=10" in url


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    settings = read(
        tmp_path, SAMPARK_METRICS_TOKEN="metrics-token", GIPHY_API_KEY="giphy-key", KLIPY_API_KEY="klipy-key"
    )
    shown = repr(settings)
    for secret in (KEY, "metrics-token", "giphy-key", "klipy-key"):
        assert secret not in shown


def test_a_misspelt_name_is_noticed() -> None:
    environ = {"SAMPARK_REGISTRTION": "closed", "SAMPARK_RATE_POST": "1/1", "SAMPARK_DATA_DIR": "x", "PORT": "1"}
    [sentence] = misspelt(environ)
    assert "SAMPARK_REGISTRTION is no setting" in sentence
    assert "Is SAMPARK_REGISTRATION meant?" in sentence


@pytest.mark.parametrize("value", ["20", "20/", "0/10", "20/10/0", "many"])
def test_a_limit_is_count_and_seconds(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match="SAMPARK_RATE_POST=") as refusal:
        read(tmp_path, SAMPARK_RATE_POST=value)
    assert "cannot be used" in str(refusal.value)


def test_each_limit_can_be_changed(tmp_path: Path) -> None:
    rates = read(tmp_path, SAMPARK_RATE_POST="5/7/9", SAMPARK_RATE_JOIN="3/60", SAMPARK_RATE_STREAMS="4").rates
    assert (rates.post.count, rates.post.period, rates.post.burst) == (5, 7, 9)
    assert (rates.join.count, rates.join.burst, rates.streams) == (3, 3, 4)
    assert rates.register == Settings(data_dir=tmp_path, secret_key=KEY, database_url="sqlite://x").rates.register
