"""Another site, with pages that hold rooms in frames: `localhost`, while the chat is at `127.0.0.1`, which for browsers is elsewhere."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.people import Person


class HostSite:
    """`pages`: path → what stands in the page's body. `files`: path → something else than a page, and its type."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.files: dict[str, tuple[str, str]] = {}
        pages, files = self.pages, self.files

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.get(self.path)
                if self.path in files:
                    self.send_response(200)
                    self.send_header("Content-Type", f"{files[self.path][1]}; charset=utf-8")
                    self.end_headers()
                    self.wfile.write(files[self.path][0].encode())
                    return
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                icon = '<link rel="icon" href="data:,">'
                self.wfile.write(f"<!doctype html><title>The club</title>{icon}<h1>The club</h1>{body}".encode())

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://localhost:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def shows(self, path: str, *addresses: str, name: str = "chat") -> str:
        """A page with these in frames, the first one named; its address."""
        self.pages[path] = "".join(
            f'<iframe {f"name={name}" if number == 0 else ""} src="{address}" width="360" height="420" title="Chat"></iframe>'
            for number, address in enumerate(addresses)
        )
        return self.url + path


def embedded_room(asha: Person, site: str, level: str = "guests", name: str = "Lighthouse", **more: str) -> str:
    """A new room of hers that may stand in the pages of `site`; its ID."""
    code = asha.open_room(name)
    assert asha.send(f"/rooms/{code}/embed", is_on="on", level=level, theme="system", **more).status == 303
    assert asha.send(f"/rooms/{code}/embed/origins", origin=site).status == 303
    return code
