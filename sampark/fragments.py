"""Models to HTML, through `partials/`. A message is rendered once per version and language, and is then the same bytes everywhere."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from sampark import db
from sampark.text import agents, language, names, room_ids


class Fragments:
    """The templates, and a bounded cache of rendered messages."""

    def __init__(self, most_bytes: int = 32 * 1024 * 1024) -> None:
        self._messages = _Cache(most_bytes)
        self._environments = {code: _environment(code) for code in language.LANGUAGES}

    def globals(self, **values: Any) -> None:
        """Make names known to every template."""
        for environment in self._environments.values():
            environment.globals.update(values)

    def render(self, template: str, code: str, /, **values: Any) -> str:
        """Any page or partial, in a language."""
        return self._environments[code].get_template(template).render(values)

    def message(self, row: db.Row, code: str) -> Markup:
        """One message (`chat.history.SELECT`) as its `<article>`; nothing in it depends on who looks."""
        return Markup(  # noqa: S704 - made by our own escaping template
            self._messages.get(
                (row["id"], row["version"], code), lambda: self.render("message.html", code, message=row).strip()
            )
        )

    def messages(self, rows: Iterable[db.Row], code: str) -> Markup:
        return Markup("\n").join(self.message(row, code) for row in rows)


class _Cache:
    """The least recently used leave first, once all together weigh more than `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[Any, ...], str] = OrderedDict()

    def get(self, key: tuple[Any, ...], make: Callable[[], str]) -> str:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._kept[key] = make()
        self._size += len(made)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1])
        return made


def _environment(code: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [FileSystemLoader(db.assets("partials")), PrefixLoader({"pages": FileSystemLoader(db.assets("templates"))})]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    environment.install_gettext_translations(language.sentences(code), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        language=code,
        direction=language.direction(code),
        languages=language.LANGUAGES,
        initial=names.initial,
        hue=names.hue,
        shown_id=room_ids.shown,
        shown_agent=agents.shown,
    )
    environment.filters["moment"] = lambda time: language.moment(time, code)
    environment.filters["utc"] = lambda time: f"{time:%Y-%m-%dT%H:%M:%S}Z"
    return environment
