"""Large files: one there and back, and ten people's uploads while others talk."""

from __future__ import annotations

import http.client
import io
import os
import threading
import time
import zipfile
from functools import partial

from benchmarks.bench import Bench
from benchmarks.figures import AT_MOST, Section
from benchmarks.people import Person
from benchmarks.processes import Server
from benchmarks.product import NAME, Prepared

KEY = "files"
MEGABYTES = 50
SENDERS, READERS = 10, 10
RATE = 5.0
SECONDS = 10.0

UP, DOWN = f"{MEGABYTES} MB up, one", f"{MEGABYTES} MB down, one"
TALK50, TALK99 = "post to the last of the readers meanwhile, p50", "the same, p99"
SENT = f"uploads of {MEGABYTES} MB answered meanwhile"
GROWTH = "growth of memory meanwhile, at its highest"

HOW = (
    f"One person sends an archive of {MEGABYTES} MB in a message and fetches it, on loopback. Then {SENDERS} people send one such archive"
    f" after the other, all at once, in another room, while two others post {RATE:.0f} messages a second for {SECONDS:.0f} s in a room with"
    f" {READERS} readers. Server on one core; senders and readers on the other."
)


def run(bench: Bench) -> None:
    section = bench.book.section(f"Files of {MEGABYTES} MB", HOW, goals)
    bench.each(partial(one, bench, section), NAME)


def one(bench: Bench, section: Section, name: str, *_: object) -> None:
    body = form(archive())
    with bench.fresh() as (data, server):
        first = data.person(server.port)
        films = first.act("/rooms", name="Films", description="")
        began = time.monotonic()
        send(first, films, body)
        section.add(UP, name, "s", time.monotonic() - began)
        section.add(DOWN, name, "s", fetched(first, films))
        talk_meanwhile(bench, section, name, data, server, films, body)


def talk_meanwhile(
    bench: Bench, section: Section, name: str, data: Prepared, server: Server, films: str, body: bytes
) -> None:
    over, counts = threading.Event(), [0] * SENDERS

    def keep_sending(number: int) -> None:
        person = data.person(server.port)
        while not over.is_set():
            send(person, films, body)
            counts[number] += 1
        person.close()

    target = data.target(server)
    with bench.generator.session(target, READERS, publishers=2) as session:
        threads = [threading.Thread(target=keep_sending, args=[number]) for number in range(SENDERS)]
        for thread in threads:
            thread.start()
        step = session.post(RATE, SECONDS)
        over.set()
        for thread in threads:
            thread.join()
    bench.judge(target, step)
    section.add(TALK50, name, "ms", step.p50)
    section.add(TALK99, name, "ms", step.p99)
    section.add(SENT, name, "", sum(counts))
    section.add(GROWTH, name, "MB", (step.rss_peak_kb - session.ready.rss_kb) / 1024)


def goals(section: Section) -> None:
    section.goal("post to last reader, p99, while ten people upload", section.median(TALK99, NAME), AT_MOST, 500, "ms")
    section.goal("growth of memory while ten people upload", section.median(GROWTH, NAME), AT_MOST, 60, "MB")
    section.goal("50 MB down on loopback", section.median(DOWN, NAME), AT_MOST, 0.5, "s")


BOUNDARY = "-" * 20 + "benchmark"


def archive() -> bytes:
    """Of bytes that nobody can compress."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("film", os.urandom(MEGABYTES * 1_000_000))
    return out.getvalue()


def form(data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="film.zip"\r\n\r\n'
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def send(person: Person, room: str, body: bytes) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", person.port, timeout=120)
    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Cookie": person.cookie(),
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    connection.request("POST", f"{room}/messages", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 303:
        raise RuntimeError(f"an upload was answered with {answer.status}")


def fetched(person: Person, room: str) -> float:
    """Seconds that the room's only file takes, whole."""
    page = person.get(room).decode()
    address = page.partition('href="/files/')[2].partition('"')[0].replace("&amp;", "&")
    began = time.monotonic()
    if len(person.get(f"/files/{address}")) < MEGABYTES * 1_000_000:
        raise RuntimeError("the file came back shorter")
    return time.monotonic() - began
