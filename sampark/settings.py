"""Every setting, its default, and why. The environment is the only source; a wrong value stops the start with one line."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from sampark import rates, secret
from sampark.rates import Rates


class SettingsError(ValueError):
    """A setting that cannot be used. Its text names the variable, the value and the mend, in one line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator chose. Made by `from_environment`, or directly by tests."""

    data_dir: Path
    """`SAMPARK_DATA_DIR`: the database (SQLite), files and the generated secret live here."""

    secret_key: str = field(repr=False)
    """`SAMPARK_SECRET_KEY`: signs cookies and form tokens. Made at the first start and kept in the data folder."""

    database_url: str = field(repr=False)
    """`DATABASE_URL`: `sqlite://…` or `postgres://…`, as Tortoise reads it."""

    redis_url: str | None = field(default=None, repr=False)
    """`REDIS_URL`: none means one process and an in-process doorbell."""

    host: str = "127.0.0.1"
    """`HOST`: loopback, because nothing should be reachable from outside before its operator wants that."""

    port: int = 8000
    """`PORT`: 0 takes any free one."""

    public_url: str | None = None
    """`SAMPARK_PUBLIC_URL`: the origin people type. `https` turns on Secure `__Host-` cookies."""

    trusted_hops: int = 0
    """`SAMPARK_TRUSTED_HOPS`: proxies in front of us whose `X-Forwarded-*` we believe. None by default: they can be forged."""

    registration: Literal["open", "closed"] = "open"
    """`SAMPARK_REGISTRATION`: closed leaves only the very first account and `sampark user create`."""

    metrics_token: str | None = field(default=None, repr=False)
    """`SAMPARK_METRICS_TOKEN`: bearer token for `/metrics`, which is off without one."""

    rates: Rates = field(default_factory=Rates)
    """`SAMPARK_RATE_SIGN_IN_ACCOUNT` and its like: see `rates`."""

    rate_scale: float = 1.0
    """`SAMPARK_RATE_SCALE`: multiplies every limit; 0 turns them off (benchmarks)."""

    bcrypt_cost: int = 12
    """`SAMPARK_BCRYPT_COST`: 12 takes about 0.3 s here; tests use 4."""

    max_upload_mb: int = 50
    """`SAMPARK_MAX_UPLOAD_MB`: the largest single file."""

    storage_url: str | None = None
    """`SAMPARK_STORAGE_URL`: where files go; none means the data folder, `s3://bucket?endpoint=…` a bucket."""

    storage_redirect: bool = False
    """`SAMPARK_STORAGE_REDIRECT`: whether whoever may read a file in a bucket is sent there by an address that lasts a minute.
    It saves the server's bandwidth, but within that minute the address opens the file to everyone who has it."""

    room_quota_mb: int = 2_000
    """`SAMPARK_ROOM_QUOTA_MB`: the files of one room; 0 is no limit."""

    quota_mb: int = 0
    """`SAMPARK_QUOTA_MB`: the files of all rooms; 0 is no limit."""

    clamd_url: str | None = None
    """`CLAMD_URL`: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`. Files are looked at before anybody else gets them."""

    giphy_api_key: str | None = field(default=None, repr=False)
    klipy_api_key: str | None = field(default=None, repr=False)

    debug: bool = False
    """`SAMPARK_DEBUG`: shows what only those who work on Sampark Setu need, the style guide at `/styleguide`. It opens nothing else."""

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def is_secure(self) -> bool:
        """Whether people reach us over TLS, as far as the operator told us."""
        return self.public_url is not None and self.public_url.startswith("https://")


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read all settings.

    Errors: `SettingsError` for the first value that cannot be used.
    """
    data_dir = Path(environ.get("SAMPARK_DATA_DIR") or "var").absolute()
    settings = Settings(
        data_dir=data_dir,
        secret_key=_secret_key(environ, data_dir),
        database_url=_database_url(environ, data_dir),
        redis_url=_redis_url(environ),
        host=environ.get("HOST") or "127.0.0.1",
        port=_whole_number(environ, "PORT", 8000, 0, 65535),
        public_url=_public_url(environ),
        trusted_hops=_whole_number(environ, "SAMPARK_TRUSTED_HOPS", 0, 0, 10),
        registration=_registration(environ),
        metrics_token=environ.get("SAMPARK_METRICS_TOKEN") or None,
        rates=_rates(environ),
        rate_scale=_rate_scale(environ),
        bcrypt_cost=_whole_number(environ, "SAMPARK_BCRYPT_COST", 12, 4, 16),
        max_upload_mb=_whole_number(environ, "SAMPARK_MAX_UPLOAD_MB", 50, 1, 10_000),
        storage_url=_storage_url(environ),
        storage_redirect=_switch(environ, "SAMPARK_STORAGE_REDIRECT"),
        room_quota_mb=_whole_number(environ, "SAMPARK_ROOM_QUOTA_MB", 2_000, 0, 1_000_000_000),
        quota_mb=_whole_number(environ, "SAMPARK_QUOTA_MB", 0, 0, 1_000_000_000),
        clamd_url=_clamd_url(environ),
        giphy_api_key=environ.get("GIPHY_API_KEY") or None,
        klipy_api_key=environ.get("KLIPY_API_KEY") or None,
        debug=_switch(environ, "SAMPARK_DEBUG"),
    )
    if not settings.is_sqlite and settings.redis_url is None:
        raise SettingsError(
            "DATABASE_URL is PostgreSQL but REDIS_URL is not set: processes could not tell each other about changes. "
            "Set REDIS_URL=redis://…, or leave DATABASE_URL out to use SQLite."
        )
    return settings


def _refuse(name: str, value: str, mend: str) -> SettingsError:
    return SettingsError(f"{name}={value!r} cannot be used: {mend}")


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise _refuse(name, text, f"give a whole number from {low} to {high}.")
    return number


def _rates(environ: Mapping[str, str]) -> Rates:
    try:
        return rates.from_environment(environ)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _rate_scale(environ: Mapping[str, str]) -> float:
    text = environ.get("SAMPARK_RATE_SCALE") or "1"
    try:
        scale = float(text)
    except ValueError:
        scale = -1
    if not 0 <= scale <= 1_000_000:
        raise _refuse("SAMPARK_RATE_SCALE", text, "give a number, 1 for the usual limits, 0 for none.")
    return scale


def _registration(environ: Mapping[str, str]) -> Literal["open", "closed"]:
    match environ.get("SAMPARK_REGISTRATION") or "open":
        case "open":
            return "open"
        case "closed":
            return "closed"
        case other:
            raise _refuse("SAMPARK_REGISTRATION", other, "give open or closed.")


def _public_url(environ: Mapping[str, str]) -> str | None:
    text = environ.get("SAMPARK_PUBLIC_URL")
    if not text:
        return None
    parts = _split(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        parts = None
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment:
        raise _refuse("SAMPARK_PUBLIC_URL", text, "give only scheme and host, such as https://chat.example.org.")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    # As browsers write an Origin: the usual port is left out.
    is_usual = parts.port in {None, 443 if parts.scheme == "https" else 80}
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{parts.port}")


def _split(url: str) -> SplitResult | None:
    """The URL's parts, its port looked at, too; None for what is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def _redis_url(environ: Mapping[str, str]) -> str | None:
    text = environ.get("REDIS_URL")
    if not text:
        return None
    parts = _split(text)
    if parts is None or parts.scheme not in {"redis", "rediss", "unix"}:
        raise _refuse("REDIS_URL", _without_password(text), "give redis://host:6379/0, rediss://… or unix://….")
    return text


def _storage_url(environ: Mapping[str, str]) -> str | None:
    text = environ.get("SAMPARK_STORAGE_URL")
    if not text:
        return None
    if not text.startswith("s3://"):
        mend = "give s3://bucket?endpoint=https://…, or leave it out to keep files in the data folder."
        raise _refuse("SAMPARK_STORAGE_URL", _without_password(text), mend)
    return text  # the rest is the storage's to read, when the application is put together


def _clamd_url(environ: Mapping[str, str]) -> str | None:
    text = environ.get("CLAMD_URL")
    if not text:
        return None
    parts = _split(text)
    is_good = parts is not None and (
        (parts.scheme == "tcp" and parts.hostname and parts.port) or (parts.scheme == "unix" and parts.path)
    )
    if not is_good:
        raise _refuse("CLAMD_URL", text, "give tcp://host:3310 or unix:///run/clamav/clamd.ctl.")
    return text


def _switch(environ: Mapping[str, str], name: str) -> bool:
    text = environ.get(name) or "off"
    if text not in {"on", "off"}:
        raise _refuse(name, text, "give on or off.")
    return text == "on"


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    text = environ.get("DATABASE_URL") or f"sqlite://{quote(str(data_dir / 'sampark.db'))}"
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite" and rest and not rest.startswith("?"):
        path, _, query = rest.partition("?")
        # A chat that says "sent" must mean it: FULL waits for the disk at each commit. NORMAL survives the end of the process, and
        # may lose the last moments with the power; OFF may lose the database (https://www.sqlite.org/pragma.html#pragma_synchronous).
        given = {"synchronous": "FULL", **dict(parse_qsl(query))}
        if given["synchronous"].upper() not in {"OFF", "NORMAL", "FULL", "EXTRA"}:
            raise _refuse("DATABASE_URL", text, "synchronous is FULL, NORMAL, EXTRA or OFF.")
        return f"sqlite://{path}?{urlencode(given)}"
    parts = _split(text)
    if scheme in {"postgres", "postgresql"} and parts is not None and parts.hostname and parts.path.strip("/"):
        given = dict(parse_qsl(parts.query))
        if "sslmode" in given:
            given["ssl"] = given.pop("sslmode")  # libpq's name for what asyncpg calls ssl
        # The library's pool of 5 queues at once; a command that hangs longer than 10 s is a fault to show, not to wait for.
        query = urlencode({"minsize": "1", "maxsize": "20", "command_timeout": "10", **given})
        return urlunsplit(("postgres", parts.netloc, parts.path, query, ""))
    raise _refuse(
        "DATABASE_URL",
        _without_password(text),
        "give sqlite:///path/to/file or postgres://user:password@host:5432/name.",
    )


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}…@{rest.rpartition('@')[2]}" if "@" in rest else url


def _secret_key(environ: Mapping[str, str], data_dir: Path) -> str:
    given = environ.get("SAMPARK_SECRET_KEY")
    if given:
        if len(given) < secret.SHORTEST:
            raise SettingsError(
                "SAMPARK_SECRET_KEY is too short to be safe: give at least 32 characters, for example from "
                "`python3 -c 'import secrets; print(secrets.token_hex(32))'`."
            )
        return given
    try:
        return secret.kept(data_dir / "secret")
    except OSError as error:
        mend = f"the folder cannot be written ({error.strerror})."
        raise _refuse("SAMPARK_DATA_DIR", str(data_dir), mend) from error
    except ValueError as error:
        mend = "the file `secret` in it is damaged; remove it, and everyone signs in anew."
        raise _refuse("SAMPARK_DATA_DIR", str(data_dir), mend) from error
