"""Every language says all that English says, with the same places for names and numbers."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from sampark.text import language
from tools import translations


def test_every_catalogue_is_complete(capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.main(["check"]) == 0, capsys.readouterr().out


def test_hindi_speaks_and_counts_as_hindi_does() -> None:
    hindi = language.sentences("hi")
    assert hindi.gettext("Sign in") == "साइन इन करें"
    one, many = "%(num)s person is typing…", "%(num)s people are typing…"
    zero_one_two = [hindi.ngettext(one, many, count) for count in (0, 1, 2)]
    assert zero_one_two[0] == zero_one_two[1] != zero_one_two[2]


def catalogue(**sentences: object) -> Catalog:
    made = Catalog(locale="hi")
    for name, string in sentences.items():
        made.add(ORIGINALS[name], string)  # type: ignore[arg-type]
    return made


ORIGINALS: dict[str, str | tuple[str, str]] = {
    "plain": "Send",
    "placed": "since %(time)s",
    "plural": ("%(num)s message", "%(num)s messages"),
}
GOOD = {"plain": "भेजें", "placed": "%(time)s से", "plural": ("%(num)s संदेश", "%(num)s संदेश")}


def faults(**changed: object) -> list[str]:
    template = Catalog()
    for original in ORIGINALS.values():
        template.add(original)
    found = {name: string for name, string in {**GOOD, **changed}.items() if string is not None}
    return [fault.partition(":")[0] for fault in translations.faults(template, catalogue(**found))]


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"plain": None}, "missing"),
        ({"plain": ""}, "not translated"),
        ({"plural": ("%(num)s संदेश", "")}, "not translated"),
        ({"placed": "%(tyme)s से"}, "other %(places)s than the original"),
        ({"placed": "100 % से"}, "other %(places)s than the original"),
        ({"plural": ("संदेश", "%(num)s संदेश")}, "other %(places)s than the original"),
    ],
)
def test_what_a_reader_would_see_wrongly_is_told(changed: dict[str, object], fault: str) -> None:
    assert faults() == []
    assert faults(**changed) == [fault]


def test_a_guess_of_a_tool_is_no_translation() -> None:
    template, guessed = Catalog(), Catalog(locale="hi")
    template.add("Send")
    guessed.add("Send", "भेजें", flags=["fuzzy"])
    assert [fault.partition(":")[0] for fault in translations.faults(template, guessed)] == ["fuzzy"]
