"""Languages: which there are, which one a person wants, and its sentences.

Catalogues are plain `.po` files in `translations/`, read at the first use, so that there is nothing to compile or to forget.
"""

import datetime
import functools
import io

from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from babel.units import format_unit

from sampark.db import assets

LANGUAGES = {"en": "English", "hi": "हिन्दी"}
DEFAULT = "en"


def N_(sentence: str) -> str:
    """Marks a sentence for the catalogues; it is translated where it is shown."""
    return sentence


@functools.cache
def sentences(language: str) -> NullTranslations:
    """The catalogue of a language; English needs none."""
    path = assets("translations") / f"{language}.po"
    if language == DEFAULT or not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    packed = io.BytesIO()
    write_mo(packed, catalog)
    packed.seek(0)
    return Translations(packed)


def negotiate(header: str) -> str:
    """The best of our languages for an `Accept-Language` header (RFC 9110, 12.5.4)."""
    wanted = sorted(_preferences(header), key=lambda pair: -pair[1])
    return negotiate_locale([tag for tag, _ in wanted], list(LANGUAGES), sep="-") or DEFAULT


def _preferences(header: str) -> list[tuple[str, float]]:
    preferences = []
    for part in header.split(",")[:20]:
        tag, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=").strip() or 1)
        except ValueError:
            continue
        if tag.strip() and weight > 0:
            preferences.append((tag.strip().lower(), weight))
    return preferences


def direction(language: str) -> str:
    """`ltr` or `rtl`."""
    return Locale.parse(language).text_direction


@functools.lru_cache(1024)
def clock(seconds: float) -> str:
    """A duration as players show it: `0:07`, `12:30`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def size(count: int, code: str) -> str:
    """Bytes as people say them: `1.2 MB`."""
    for unit, bytes_ in (("gigabyte", 10**9), ("megabyte", 10**6), ("kilobyte", 10**3)):
        if count >= bytes_:
            value = round(count / bytes_, 1 if count < 10 * bytes_ else 0)
            return format_unit(value, f"digital-{unit}", "short", locale=code)
    # Babel has long words for bytes in English only.
    return format_unit(count, "digital-byte", "long" if code == "en" else "short", locale=code)


def number(number: int, language: str) -> str:
    return format_decimal(number, locale=language)


def moment(time: datetime.datetime, language: str) -> str:
    """A full date and time for those without JavaScript, in UTC and saying so."""
    return _minute(time.replace(second=0, microsecond=0), language)


def day(day: datetime.date, language: str) -> str:
    return format_date(day, "d MMMM y", locale=language)


def exact(time: datetime.datetime, language: str) -> str:
    """To the second, with the day of the week, in UTC and saying so."""
    return f"{_day(time.date(), language)}, {time:%H:%M:%S} UTC"


@functools.lru_cache(1024)
def _day(day: datetime.date, language: str) -> str:
    return format_date(day, "full", locale=language)


@functools.lru_cache(4096)
def _minute(time: datetime.datetime, language: str) -> str:
    return f"{format_datetime(time, 'd MMM y, HH:mm', locale=language)} UTC"
