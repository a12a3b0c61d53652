"""lynx and w3m, driven as people drive them: with keys, at a terminal. Neither says where a form comes from, so each post
needs the form's hidden field."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from tests.machine import lynx_path, w3m_path
from tests.servers import PATIENCE

ROWS, COLUMNS = 400, 100
"""A long terminal, so that no page needs turning."""


@dataclass
class Stop:
    """A place where the Tab key stops: a link, a field or a button."""

    kind: str
    name: str
    words: str = ""


class Stops(HTMLParser):
    """The stops of a page in order, fields by their labels. lynx leaves out declared objects and links without words, w3m
    buttons without words."""

    def __init__(self, html: str, *, reads_objects: bool = False) -> None:
        super().__init__()
        self._reads_objects = reads_objects
        self.stops: list[Stop] = []
        self._labels: dict[str, str] = {}
        self._open: list[Stop] = []
        self._label: str | None = None
        self._skip = 0
        self.feed(html)
        if reads_objects:
            self.stops = [stop for stop in self.stops if stop.kind != "button" or stop.words.strip()]
        else:
            self.stops = [stop for stop in self.stops if stop.kind != "a" or stop.words.strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "object":
            self._skip += not self._reads_objects
        elif tag == "label":
            self._label = values.get("for", "")
        elif self._skip:
            return
        elif (tag == "a" and "href" in values) or tag == "button":
            stop = Stop(tag, "")
            self.stops.append(stop)
            self._open.append(stop)
        elif tag in {"textarea", "select"} or (tag == "input" and values.get("type") != "hidden"):
            self.stops.append(Stop("text" if tag == "textarea" else "field", values.get("id", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "object":
            self._skip -= not self._reads_objects
        elif tag == "label":
            self._label = None
        elif tag in {"a", "button"} and self._open and not self._skip:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for stop in self._open:
            stop.words += data
        if self._label:
            self._labels[self._label] = self._labels.get(self._label, "") + data

    def place(self, wanted: str, after: int = -1) -> int:
        for number, stop in enumerate(self.stops):
            words = self._labels.get(stop.name, "") if stop.kind in {"field", "text"} else stop.words
            if number > after and words.strip() == wanted:
                return number
        raise AssertionError(f"nothing here is called {wanted!r}: {self.stops}")


@dataclass
class Lynx:
    """One person's lynx, whose cookies stay from call to call."""

    base: str
    folder: Path
    seen: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        self.jar = self.folder / "cookies"
        self.jar.touch()
        settings = ["INCLUDE:/etc/lynx/lynx.cfg"] if Path("/etc/lynx/lynx.cfg").exists() else []
        settings += [
            "ACCEPT_ALL_COOKIES:TRUE",
            "PERSISTENT_COOKIES:TRUE",
            "CHARACTER_SET:utf-8",
            "MAKE_LINKS_FOR_ALL_IMAGES:FALSE",
        ]
        settings += [f"COOKIE_FILE:{self.jar}", f"COOKIE_SAVE_FILE:{self.jar}", "FORCE_COOKIE_PROMPT:no"]
        settings += ["INFOSECS:0", "MESSAGESECS:0", "ALERTSECS:0", "DELAYSECS:0"]
        (self.folder / "lynx.cfg").write_text("\n".join([*settings, ""]))

    @property
    def command(self) -> list[str]:
        return [lynx_path(), f"-cfg={self.folder / 'lynx.cfg'}", "-nocolor"]

    def read(self, path: str) -> str:
        """The page as text."""
        done = subprocess.run(
            [*self.command, "-dump", "-nolist", f"-width={COLUMNS}", self.base + path],
            env=environment(self.folder), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def source(self, path: str) -> str:
        done = subprocess.run(
            [*self.command, "-source", self.base + path],
            env=environment(self.folder), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout

    def press(self, path: str, button: str, **fields: str) -> None:
        """Open the page, fill the fields, press the button, leave."""
        stops = Stops(self.source(path))
        keys: list[str] = []
        at = 0
        for label, value in fields.items():
            place = stops.place(label.replace("_", " "), at - 1)
            keys += ["<tab>"] * (place - at) + list(value)
            at = place
        place = stops.place(button, at - 1)
        keys += ["<tab>"] * (place - at) + ["^J", "Q"]
        script = self.folder / "keys"
        script.write_text("".join(f"key {'<space>' if key == ' ' else key}\n" for key in keys))
        self.seen = at_terminal([*self.command, f"-cmd_script={script}", self.base + path], self.folder)[-3000:]


@dataclass
class W3m:
    """One person's w3m; its cookies stay in its home."""

    base: str
    folder: Path
    seen: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        # A text of several lines is written in an editor: this one writes what it is told.
        self.editor = self.folder / "editor"
        self.editor.write_text(f'#!/bin/sh\ncp "{self.folder}/text" "$1"\n')
        self.editor.chmod(0o755)

    @property
    def command(self) -> list[str]:
        options = {"accept_cookie": "1", "cookie_avoid_wrong_number_of_dots": "127.0.0.1", "confirm_qq": "0"}
        options |= {"editor": f"{self.editor} %s", "auto_image": "0", "display_charset": "UTF-8"}
        return [
            w3m_path(),
            "-cookie",
            "-cols",
            str(COLUMNS),
            *(word for pair in options.items() for word in ("-o", "=".join(pair))),
        ]

    def read(self, path: str) -> str:
        return self._output("-dump", self.base + path)

    def source(self, path: str) -> str:
        # Its source is what came over the wire, so that must not be packed here; everything else that it reads is.
        return self._output("-o", "accept_encoding=identity", "-dump_source", self.base + path)

    def _output(self, *more: str) -> str:
        done = subprocess.run(
            [*self.command, *more],
            env=environment(self.folder), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def press(self, path: str, button: str, **fields: str) -> None:
        """Open the page, fill the fields, press the button, leave."""
        stops = Stops(self.source(path), reads_objects=True)
        keys, at = "", 0
        for label, value in fields.items():
            place = stops.place(label.replace("_", " "), at - 1)
            keys += "\t" * (place - at) + "\r"
            if stops.stops[place].kind == "text":
                (self.folder / "text").write_text(f"{value}\n")
            else:
                keys += f"{value}\r"
            at = place
        keys += "\t" * (stops.place(button, at - 1) - at) + "\r" + "Q"
        self.seen = at_terminal([*self.command, self.base + path], self.folder, keys)[-3000:]


def environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": os.environ.get("PATH", os.defpath),
        "TERM": "vt100",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }


def at_terminal(command: list[str], home: Path, keys: str = "") -> str:
    """Run it at a terminal of its own until it ends, with these keys typed ahead; what it drew."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    drawn: list[bytes] = []

    def draw() -> None:
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so when the other side is closed
                return
            if not part:
                return
            drawn.append(part)

    process = subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, env=environment(home), start_new_session=True
    )
    os.close(its)
    os.write(ours, keys.encode())
    reader = threading.Thread(target=draw, daemon=True)
    reader.start()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        text = b"".join(drawn).decode(errors="replace")
        raise AssertionError(f"it does not end; it drew {plain(text)[-3000:]!r}") from None
    finally:
        reader.join(PATIENCE)
        os.close(ours)
    return plain(b"".join(drawn).decode(errors="replace"))


def plain(text: str) -> str:
    return re.sub(r"\x1b[\[(][0-9;?]*[A-Za-z]?", "", text)
