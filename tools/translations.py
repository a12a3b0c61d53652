"""Keeps the catalogues in `translations/` in step with the sentences of the program and its templates.

    python -m tools.translations update     after a sentence was added or changed; then translate what is empty
    python -m tools.translations check      what is missing or wrong, one line each; exit code 1 if anything is

English needs no catalogue. The program reads the .po files as they are, so there is nothing to compile. A new language:
add it to LANGUAGES in sampark/text/language.py and run `update`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from sampark.text.language import DEFAULT, LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "translations"

PYTHON = [("**.py", "python")]
TEMPLATES = [("**.html", "jinja2")]
# As sampark/fragments.py sets up its environment: what is cut off there must be cut off here.
TEMPLATE_OPTIONS = {
    "**.html": {"newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
}
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}

_PLACES = re.compile(r"%(?:\(\w+\))?.?")


def extracted() -> Catalog:
    """Every sentence that can be shown, with the files it stands in."""
    template = Catalog(project="Sampark Setu", fuzzy=False)
    for folder in ("sampark", "templates", "partials"):
        is_python = folder == "sampark"
        found = extract_from_dir(
            ROOT / folder,
            PYTHON if is_python else TEMPLATES,
            None if is_python else TEMPLATE_OPTIONS,
            KEYWORDS,
            strip_comment_tags=True,
        )
        for file, _, sentence, comments, context in found:
            # Without line numbers: a catalogue should change when a sentence does, not when a line moves.
            template.add(sentence, None, [(f"{folder}/{file}", 0)], auto_comments=comments, context=context)
    return template


def file_of(language: str) -> Path:
    return CATALOGUES / f"{language}.po"


def read(language: str) -> Catalog:
    if not file_of(language).is_file():
        return Catalog(locale=language, project="Sampark Setu", fuzzy=False)
    with file_of(language).open("rb") as file:
        return read_po(file, locale=language)


def update(languages: Iterable[str]) -> None:
    """Bring each catalogue up to date. Translations stay; new sentences are empty; those no longer used go."""
    template = extracted()
    for language in languages:
        catalogue = read(language)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        CATALOGUES.mkdir(exist_ok=True)
        with file_of(language).open("wb") as file:
            write_po(file, catalogue, width=0, include_lineno=False, ignore_obsolete=True, sort_by_file=True)
        empty = sum(1 for message in catalogue if message.id and not is_translated(message))
        print(f"{file_of(language).relative_to(ROOT)}: {len(catalogue)} sentences, {empty} to translate")


def faults(template: Catalog, catalogue: Catalog) -> Iterator[str]:
    """What a reader of this language would see wrongly, one sentence each."""
    for wanted in template:
        if not wanted.id:
            continue
        message = catalogue.get(wanted.id, wanted.context)
        shown = plurals(wanted)[0]
        if message is None:
            yield f"missing: {shown!r}"
        elif message.fuzzy:
            yield f"fuzzy: {shown!r}"
        elif not is_translated(message) or len(strings(message)) != expected_forms(catalogue, wanted):
            yield f"not translated: {shown!r}"
        elif any(places(string) != places(plurals(wanted)[-1]) for string in strings(message)):
            yield f"other %(places)s than the original: {shown!r}"


def plurals(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def strings(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string or "",)


def is_translated(message: Message) -> bool:
    return all(strings(message))


def expected_forms(catalogue: Catalog, message: Message) -> int:
    return 1 if isinstance(message.id, str) else catalogue.num_plurals


def places(sentence: str) -> list[str]:
    return sorted(match[0] for match in _PLACES.finditer(sentence))


def main(arguments: list[str]) -> int:
    languages = [language for language in LANGUAGES if language != DEFAULT]
    if arguments == ["update"]:
        update(languages)
        return 0
    if arguments != ["check"]:
        print("Say `update` or `check`: python -m tools.translations check", file=sys.stderr)
        return 2
    template = extracted()
    wrong = [
        f"{file_of(language).name}: {fault}" for language in languages for fault in faults(template, read(language))
    ]
    print("\n".join(wrong) or f"{', '.join(languages)}: complete, {len(template)} sentences.")
    if wrong:
        print("`make translations` adds what is missing; the rest is yours to write.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
