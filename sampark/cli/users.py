"""`sampark user …`: what an operator does when registration is closed or a password is forgotten."""

import getpass
import sys

import click

from sampark import db
from sampark.chat import accounts, passwords
from sampark.cli import main, with_database
from sampark.live.doorbell import LocalDoorbell
from sampark.settings import Settings


@main.group()
def user() -> None:
    """Look after accounts."""


@user.command("create")
@click.argument("username")
@click.argument("email")
@with_database
async def create(settings: Settings, username: str, email: str) -> None:
    """Make an account, also where registration is closed. Asks for the password, or reads it from standard input."""
    await accounts.register(username, email, _password(), cost=settings.bcrypt_cost, is_open=True, bell=LocalDoorbell())
    click.echo(f"{username} can sign in now.")


@user.command("password")
@click.argument("username")
@with_database
async def password(settings: Settings, username: str) -> None:
    """Set a new password and sign the person out everywhere."""
    account = await accounts.find(username)
    if account is None:
        raise click.ClickException(f"nobody here is called {username}")
    new = _password()
    await passwords.check_strength(new, username)
    await accounts.set_password(account["id"], new, cost=settings.bcrypt_cost)
    await db.run("DELETE FROM sessions WHERE user_id = ?", account["id"])
    click.echo(f"{username} has a new password and is signed out everywhere.")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    typed = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != typed:
        raise click.ClickException("the two are not the same; nothing was changed")
    return typed
