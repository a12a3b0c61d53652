"""Models to HTML, through `partials/`. A message is rendered once per version and language, and is then the same bytes everywhere."""

import json
import re
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, TemplateNotFound
from jinja2.ext import Extension
from markupsafe import Markup

from sampark import db
from sampark.files import waveform
from sampark.models.message import SYSTEM
from sampark.text import agents, initials, language, names, room_ids, shape
from sampark.text.code import LANGUAGES as CODE


class Fragments:
    """The templates, and a bounded cache of rendered messages."""

    def __init__(self, most_bytes: int = 32 * 1024 * 1024) -> None:
        self._messages = _Cache(most_bytes)
        self._environments = {code: _environment(code) for code in language.LANGUAGES}

    def globals(self, **values: Any) -> None:
        """Make names known to every template."""
        for environment in self._environments.values():
            environment.globals.update(values)

    def load(self) -> None:
        """Compile every template, so that nobody waits for it later; half a second, safe in another thread."""
        for environment in self._environments.values():
            for name in environment.list_templates(["html"]):
                environment.get_template(name)

    def render(self, template: str, code: str, /, **values: Any) -> str:
        """Any page or partial, in a language."""
        return self._environments[code].get_template(template).render(values)

    def message(self, row: db.Row, code: str) -> Markup:
        """One message (`chat.history.SELECT`) as its `<article>`; nothing in it depends on who looks."""
        return Markup(self._message(row, code))  # noqa: S704 - made by our own escaping template

    def messages(self, rows: Iterable[db.Row], code: str) -> Markup:
        return Markup("\n".join([self._message(row, code) for row in rows]))  # noqa: S704

    def unknown(self, rows: Iterable[db.Row], code: str) -> list[int]:
        """The ids of those messages that have to be read to be shown; for all others id and version are enough."""
        kept = self._messages
        return [row["id"] for row in rows if (row["id"], row["version"], code) not in kept]

    def _message(self, row: db.Row, code: str) -> str:
        key = (row["id"], row["version"], code)
        return self._messages.get(key) or self._messages.keep(key, self._rendered(row, code).strip())

    def _rendered(self, row: db.Row, code: str) -> str:
        files = _shown(row["attachments"])
        if row["message_type"] == SYSTEM:
            return self.render("message.html", code, message=row, files=files)
        html, emoji, is_long = self._framed(row["html"], code), shape.emoji(row["content"]), shape.is_long(row["html"])
        return self.render("message.html", code, message=row, files=files, html=html, emoji=emoji, is_long=is_long)

    def _framed(self, html: str, code: str) -> str:
        """Code and tables, which may be wider than their place, in frames that a keyboard reaches and that have a name.

        Only here, because a name has a language; the tags are the sanitiser's, and in what people wrote each `<` is escaped.
        """
        if "<pre" in html:
            frame = self._environments[code].get_template("code_start.html")
            html = _CODE.sub(lambda found: frame.render(name=CODE.get(found[1] or "")), html)
            html = html.replace("</pre>", "</pre></figure>")
        if "<table>" in html:
            frame = self._environments[code].get_template("table_start.html")
            html = html.replace("<table>", frame.render()).replace("</table>", "</table></div>")
        return html


_CODE = re.compile('<pre(?: data-language="([a-z]+)")?>')


def _shown(attachments: str | None) -> list[dict[str, Any]]:
    return json.loads(attachments) if attachments else []


class _Cache:
    """The least recently used leave first, once all together weigh more than `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[Any, ...], str] = OrderedDict()

    def __contains__(self, key: tuple[Any, ...]) -> bool:
        return key in self._kept

    def get(self, key: tuple[Any, ...]) -> str | None:
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, key: tuple[Any, ...], made: str) -> str:
        self._kept[key] = made
        self._size += len(made)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1])
        return made


class _AtOnce(Extension):
    """What is known when a template is compiled is not looked up each time that it is rendered: partials of a fixed name become
    part of their page, sentences without values are translated, addresses of static files are put in. It halves a page's time."""

    _INCLUDE = re.compile(r'(?:^[ \t]*)?\{% include "([^"]+)" %\}\n?', re.MULTILINE)
    _SENTENCE = re.compile(r"\{\{ _\('([^'\\%]*)'\) \}\}")
    _STATIC = re.compile(r"\{\{ static\('([^'\\]*)'\) \}\}")

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        known: Any = self.environment
        source = self._INCLUDE.sub(lambda found: self._partial(found[1]), source)
        source = self._SENTENCE.sub(lambda found: known.said(found[1]), source)
        return self._STATIC.sub(lambda found: known.globals["static"](found[1]), source)

    def _partial(self, name: str) -> str:
        loader = self.environment.loader
        if loader is None:
            raise TemplateNotFound(name)
        source, filename, _ = loader.get_source(self.environment, name)
        return self.preprocess(source.removesuffix("\n"), name, filename)


def _environment(code: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader(
            [FileSystemLoader(db.assets("partials")), PrefixLoader({"pages": FileSystemLoader(db.assets("templates"))})]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", _AtOnce],
        auto_reload=False,
    )
    environment.install_gettext_translations(language.sentences(code), newstyle=True)  # type: ignore[attr-defined]
    environment.extend(said=language.sentences(code).gettext)
    environment.globals.update(
        language=code,
        direction=language.direction(code),
        languages=language.LANGUAGES,
        bars=lambda text: waveform.bars(waveform.from_text(text)),
        initials=initials.initials,
        hue=lambda username: initials.hue(names.key(username)),
        shown_id=room_ids.shown,
        shown_agent=agents.shown,
    )
    environment.filters["bdi"] = Markup("<bdi>{}</bdi>").format
    environment.filters["number"] = lambda number: language.number(number, code)
    environment.filters["clock"] = language.clock
    environment.filters["bytes"] = lambda count: language.size(count, code)
    environment.filters["moment"] = lambda time: language.moment(time, code)
    environment.filters["exact"] = lambda time: language.exact(time, code)
    environment.filters["utc"] = lambda time: f"{time:%Y-%m-%dT%H:%M:%S}Z"
    return environment
