"""`sampark gifs …`: what an operator does for the GIF library."""

import sys
from pathlib import Path

import click

from sampark.cli import main, settings_or_exit


@main.group()
def gifs() -> None:
    """Look after the GIF library."""


@gifs.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def import_(folder: Path) -> None:
    """Take the animations in FOLDER (.gif, .webp, .png, .avif) into the library.

    Words for them come from NAME.json beside each file, or from tags.csv with the columns file, title, title_hi, tags,
    tags_hi, alt, alt_hi. A running server finds them at once. The exit code is 1 if any file was left out.
    """
    from sampark.gifs.importing import import_folder  # Pillow is not for every command

    try:
        report = import_folder(folder, settings_or_exit().data_dir / "gifs")
    except OSError as error:
        raise click.ClickException(f"{error.filename or folder}: {error.strerror}") from error
    click.echo(f"{len(report.added)} added, {len(report.known)} known already, {len(report.refused)} left out.")
    for name in report.to_describe:
        click.echo(f"please describe {name}: without alt text people who cannot see it are told only its title")
    for sentence in report.unused:
        click.echo(f"note: {sentence}")
    for name, reason in report.refused.items():
        click.echo(f"left out: {name}: {reason}")
    sys.exit(1 if report.refused else 0)
