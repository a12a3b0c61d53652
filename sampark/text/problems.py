"""What can go wrong for a person, as sentences that say what to do. `web` gives each kind its status code."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


class Problem(Exception):
    """Something to tell the person. `sentence` is an English gettext message with `%(name)s` places for `values`."""

    files: Sequence[int] = ()
    """Which of the files that came in the field are to blame, counted from 0."""

    def __init__(self, sentence: str, field: str = "", **values: Any) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.field = field
        self.values = values


class NotFound(Problem):
    """Not there, or not for this person: nobody may tell which."""

    def __init__(self) -> None:
        super().__init__("not found")


class Invalid(Problem):
    """What was typed does not do; `field` says where."""


class Taken(Problem):
    """Somebody else has it already, or it has been used."""


class Forbidden(Problem):
    """The person sees the thing but may not do this to it."""


class Unavailable(Problem):
    """It could not be stored just now, by nobody's fault here."""


class TooLarge(Problem):
    """More bytes than there may be; the sentence says how many."""


class WrongKind(Problem):
    """A kind of file that is not taken. `kinds` of its values, if any, are the extensions of those that are."""


class TooMany(Problem):
    """Too often. `retry_after`: seconds until it will work again."""

    def __init__(self, sentence: str, retry_after: int, **values: Any) -> None:
        super().__init__(sentence, **values)
        self.retry_after = retry_after


@contextmanager
def about_file(at: int) -> Iterator[None]:
    """What is wrong in here is wrong with this file of the field, counted from 0; what will pass by itself is not."""
    try:
        yield
    except (Invalid, TooLarge, WrongKind) as problem:
        problem.files = [at]
        raise
