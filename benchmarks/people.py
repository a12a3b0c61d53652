"""People who use a server over HTTP, as a browser would."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who live for a minute


@dataclass
class Person:
    """Somebody with a browser: keeps a connection and cookies, follows no redirect."""

    port: int
    name: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, **form: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": self.cookie()}
        body = urlencode(form) if method == "POST" else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, {name: value for name, value in headers.items() if value})
        answer = self.connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name.strip()] = value
        return answer.status, answer.headers, content

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items() if value)

    def act(self, path: str, **form: str) -> str:
        """Post a form that must succeed; returns where it leads."""
        status, headers, content = self.ask("POST", path, **form)
        if status not in (200, 201, 204, 302, 303):
            raise RuntimeError(f"POST {path} answered {status}: {content.decode(errors='replace')[:500]}")
        return urlsplit(headers.get("Location") or "").path

    def get(self, path: str) -> bytes:
        status, _, content = self.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"GET {path} answered {status}")
        return content

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def signed_in(port: int, name: str) -> Person:
    """Somebody new, through the front door: registers and signs in."""
    person = Person(port, name)
    person.act("/register", username=name, email=f"{name}@example.org", password=PASSWORD)
    person.act("/login", username=name, password=PASSWORD)
    return person


def many(port: int, count: int, make: Callable[[int, str], Person] = signed_in) -> list[Person]:
    """So many people with an account and a session; their connections are closed again."""
    first = make(port, "person0")  # alone: it becomes the administrator
    first.close()
    lock, done = threading.Lock(), [first]

    def one(number: int) -> None:
        person = make(port, f"person{number}")
        person.close()
        with lock:
            done.append(person)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(1, count)))
    return sorted(done, key=lambda person: int(person.name.removeprefix("person")))
