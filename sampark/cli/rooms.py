"""`sampark room …`."""

import click

from sampark.chat import rooms
from sampark.cli import main, with_database
from sampark.settings import Settings
from sampark.text import room_ids


@main.group()
def room() -> None:
    """Look after rooms."""


@room.command("create")
@click.argument("name")
@click.option("--global", "is_global", is_flag=True, required=True, help="A room that every account belongs to.")
@click.option("--description", default="", help="What it is for.")
@with_database
async def create(settings: Settings, name: str, is_global: bool, description: str) -> None:
    """Open a room. Private rooms are opened in the browser, by whoever will look after them."""
    code = await rooms.create_global(name, description)
    click.echo(f"Opened “{name}” for everyone: {room_ids.shown(code)}")
