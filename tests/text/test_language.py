"""Which language a person gets, and whether it says everything."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from sampark import db
from sampark.text import language

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", "en"),
        ("hi", "hi"),
        ("hi-IN,hi;q=0.9,en;q=0.8", "hi"),
        ("en-GB,en;q=0.9,hi;q=0.8", "en"),
        ("en;q=0.1,hi;q=0.9", "hi"),
        ("en; q=0.1, hi; q=0.9", "hi"),
        ("fr,de;q=0.9", "en"),
        ("fr,hi;q=0.1", "hi"),
        ("hi;q=0", "en"),
        ("*", "en"),
        ("HI", "hi"),
        ("hi;q=nonsense,en", "en"),
        (";;;,,,q=;", "en"),
        ("hi;q=nan", "en"),
        ("x" * 10_000, "en"),
        ("en," * 10_000 + "hi", "en"),
        ("\u0939\u093f", "en"),
    ],
)
def test_the_browsers_wish_is_weighed(header: str, chosen: str) -> None:
    assert language.negotiate(header) == chosen


def test_a_moment_says_that_it_is_utc() -> None:
    time = datetime.datetime(2026, 3, 5, 9, 7, tzinfo=datetime.UTC)
    assert language.moment(time, "en") == "5 Mar 2026, 09:07 UTC"
    assert language.moment(time, "hi") == "5 मार्च 2026, 09:07 UTC"


def test_directions_are_known() -> None:
    assert {code: language.direction(code) for code in language.LANGUAGES} == {"en": "ltr", "hi": "ltr"}


def sentences_in_use() -> set[str]:
    """What the sources mark for translation."""
    methods = [("partials/**.html", "jinja2"), ("templates/**.html", "jinja2"), ("sampark/**.py", "python")]
    options = {
        pattern: {"trim_blocks": "true", "lstrip_blocks": "true"} for pattern, kind in methods if kind == "jinja2"
    }
    keywords = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "trans": None}
    found: set[str] = set()
    for folder in ("partials", "templates", "sampark"):
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder, [(pattern.partition("/")[2], kind) for pattern, kind in methods if pattern.startswith(folder)],
            options_map={pattern.partition("/")[2]: chosen for pattern, chosen in options.items()}, keywords=keywords,
        ):  # fmt: skip
            found.add(message if isinstance(message, str) else message[0])
    return found


catalogues = sorted(db.assets("translations").glob("*.po"))


def test_the_sources_have_sentences() -> None:
    assert {
        "Create account",
        "Sign in",
        "The room name is too short by %(under)s: it needs at least 3 characters.",
    } <= sentences_in_use()


def test_every_catalogue_says_everything() -> None:
    """Each language but English, as soon as it has a catalogue."""
    for path in catalogues:
        with path.open("rb") as file:
            catalogue = read_po(file)
        said = {
            message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue if message.id
        }
        missing = {
            sentence
            for sentence in sentences_in_use()
            if sentence not in said or not said[sentence].string or said[sentence].fuzzy
        }
        assert not missing, f"{path.name}: {sorted(missing)}"


def test_every_translation_has_the_places_of_its_sentence() -> None:
    for path in catalogues:
        with path.open("rb") as file:
            catalogue = read_po(file)
        for message in catalogue:
            for wanted, given in zip(
                message.id if isinstance(message.id, tuple) else [message.id],
                message.string if isinstance(message.string, tuple) else [message.string],
                strict=False,
            ):
                if wanted and given:
                    assert {*re.findall(r"%\(\w+\)s", given)} == {*re.findall(r"%\(\w+\)s", wanted)}, (
                        path.name,
                        wanted,
                    )
