"""`sampark serve` and `sampark migrate`."""

import asyncio
import dataclasses
import os
import socket
import sys

import click

from sampark import schema, server
from sampark.cli import DATABASE_FAULTS, database_fault, main, settings_or_exit
from sampark.setting_names import misspelt
from sampark.settings import SettingsError
from sampark.supervisor import supervise


@main.command()
@click.option("--host", help="Address to listen on (HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (PORT, 8000); 0 takes a free one.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes; more than one needs PostgreSQL and Redis.",
)
@click.option("--fd", type=int, hidden=True, help="A socket handed down by a supervising parent.")
def serve(host: str | None, port: int | None, workers: int, fd: int | None) -> None:
    """Migrate the database if need be, then serve."""
    settings = settings_or_exit()
    for sentence in [] if os.environ.get("SAMPARK_QUIET") else misspelt():
        click.echo(f"Note: {sentence}", err=True)
    settings = dataclasses.replace(
        settings, host=settings.host if host is None else host, port=settings.port if port is None else port
    )
    try:
        if workers > 1 and (settings.is_sqlite or settings.redis_url is None):
            raise SettingsError(
                f"--workers={workers} cannot be used: several processes need PostgreSQL (DATABASE_URL=postgres://…) and Redis"
                " (REDIS_URL=redis://…); with SQLite there is exactly one."
            )
        bound = socket.socket(fileno=fd) if fd is not None else server.listen(settings.host, settings.port)
        if workers > 1:
            sys.exit(supervise(workers, bound))
        server.run(settings, bound, (lambda line: None) if os.environ.get("SAMPARK_QUIET") else _say)
    except SettingsError as error:
        sys.exit(f"sampark: {error}")
    except DATABASE_FAULTS as error:
        sys.exit(database_fault(error))


@main.command()
def migrate() -> None:
    """Bring the database up to date; safe to run at any time, also twice at once."""
    settings = settings_or_exit()
    try:
        applied = asyncio.run(schema.migrate(settings))
    except DATABASE_FAULTS as error:
        sys.exit(database_fault(error))
    click.echo("\n".join(f"applied {name}" for name in applied) or "The database is up to date.")


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()
