"""Rooms for tests in other sites' pages: opened in a running server as their creator would, and pages that are such sites."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.people import Person
from tests.servers import ServerProcess


def embedded(
    server: ServerProcess,
    creator: Person,
    room: str,
    *sites: str,
    level: str = "read",
    keys: Iterable[tuple[str, str, str]] = (),
) -> None:
    """Open the room to these sites, in the server's own file: which forms do that is another test. `keys`: kid, algorithm, material."""
    now = datetime.datetime.now(datetime.UTC).isoformat(" ")
    with contextlib.closing(sqlite3.connect(server.folder / "sampark.db", timeout=20)) as file, file:
        [(room_id,)] = file.execute("SELECT id FROM rooms WHERE code = ?", [room]).fetchall()
        embed = file.execute(
            "INSERT INTO embeds (room_id, is_on, level, needs_approval, theme, accent, epoch, created_at)"
            " VALUES (?, 1, ?, 0, 'system', '', 0, ?) RETURNING id",
            [room_id, level, now],
        ).fetchone()[0]
        for site in sites:
            file.execute(
                "INSERT INTO embed_origins (embed_id, origin, created_at) VALUES (?, ?, ?)", [embed, site, now]
            )
        for kid, algorithm, material in keys:
            file.execute(
                "INSERT INTO embed_keys (embed_id, kid, algorithm, material, created_at) VALUES (?, ?, ?, ?, ?)",
                [embed, kid, algorithm, material, now],
            )


@dataclass
class Host:
    """Another site, at `localhost` while the chat is at 127.0.0.1. `pages`: by path what it answers, and of which type."""

    url: str
    pages: dict[str, tuple[str, str]] = field(default_factory=dict)

    def shows(self, body: str, path: str = "/") -> str:
        """A page with this in its body; its address."""
        html = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>A site</title><body>{body}</body></html>'
        self.pages[path] = (html, "text/html; charset=utf-8")
        return self.url + path


@contextlib.contextmanager
def hosting(name: str = "localhost") -> Iterator[Host]:
    host = Host("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body, kind = host.pages.get(self.path.partition("?")[0], ("", ""))
            self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host.url = f"http://{name}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()


def snippets(path: str, language: str) -> list[str]:
    """The blocks of code in a page of the docs, in this language."""
    text = (Path(__file__).resolve().parent.parent / "docs" / path).read_text()
    found, inside = [], None
    for line in text.splitlines():
        bare = line.strip()
        if inside is None and bare == f"```{language}":
            inside = []
        elif inside is not None and bare == "```":
            found.append("\n".join(inside) + "\n")
            inside = None
        elif inside is not None:
            inside.append(line)
    return found
