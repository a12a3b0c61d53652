"""Files where there are many: ten large uploads at once, two processes on one bucket, an upload that is cut, a process that is killed."""

from __future__ import annotations

import http.client
import io
import os
import re
import threading
import urllib.parse
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.files.bucket_server import BucketServer, running_bucket
from tests.people import PATIENCE, Person
from tests.processes.conftest import Start
from tests.servers import ServerProcess, run_to_end, wait_for
from tests.support import BOUNDARY, multipart

MEGABYTE = 1024 * 1024
PLACE = re.compile(r'href="(/files/[^"]+)"')


class Upload(threading.Thread):
    """A message with one file, sent in two halves: the second one once it may go on."""

    def __init__(
        self, person: Person, room: str, data: bytes, *, name: str = "film.zip", may_go_on: threading.Event
    ) -> None:
        super().__init__(daemon=True)
        self.person = person
        self.path = f"/rooms/{room}/messages"
        self.body, _ = multipart({"text": "", "key": os.urandom(6).hex()}, [("files", name, data)])
        self.half_sent = threading.Event()
        self.may_go_on = may_go_on
        self.status = 0
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(person.base).netloc, timeout=PATIENCE * 3)

    def run(self) -> None:
        self.connection.putrequest("POST", self.path)
        for name, value in (
            ("Cookie", self.person.cookie),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"),
            ("Content-Length", str(len(self.body))),
        ):
            self.connection.putheader(name, value)
        self.connection.endheaders()
        middle = len(self.body) // 2
        self.connection.send(self.body[:middle])
        self.half_sent.set()
        assert self.may_go_on.wait(PATIENCE * 3)
        try:
            self.connection.send(self.body[middle:])
            self.status = self.connection.getresponse().status
        except OSError:
            pass


def archive(size: int) -> bytes:
    """A ZIP of about this size, of bytes that nobody can compress."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("film", os.urandom(size - 1000))
    return out.getvalue()


def fetch(person: Person, address: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(person.base).netloc, timeout=PATIENCE)
    connection.request("GET", address, headers={"Cookie": person.cookie})
    answer = connection.getresponse()
    return answer.status, answer.read()


def memory(server: ServerProcess, which: str = "VmRSS") -> int:
    """Bytes in use, or with `VmHWM` the most that were since `forget_peak`."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(re.findall(rf"{which}:\s+(\d+) kB", status)[0]) * 1024


def forget_peak(server: ServerProcess) -> None:
    """proc(5), clear_refs."""
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")


def blobs(folder: Path) -> list[Path]:
    return [path for path in (folder / "data" / "files").rglob("*") if path.is_file()]


def test_people_talk_while_ten_others_send_much(start: Start, tmp_path: Path) -> None:
    server = start()
    asha = Person.at(server.url).signed_up("asha")
    room, other = asha.open_room("Garden"), asha.open_room("Films")
    ravi = Person.at(server.url).signed_up("ravi").join(room)
    may_go_on = threading.Event()
    data = archive(50 * MEGABYTE)
    uploads = [Upload(asha, other, data, may_go_on=may_go_on) for _ in range(10)]
    before = memory(server)
    with ravi.follow(room) as reader:
        for upload in uploads:
            upload.start()
        for upload in uploads:
            assert upload.half_sent.wait(PATIENCE * 3)
        last = 0
        for number in range(20):
            last = asha.post(room, f"message {number}")
        reader.wait_for(last)
        assert memory(server) - before < 60 * MEGABYTE
        forget_peak(server)
        may_go_on.set()
        while any(upload.is_alive() for upload in uploads):
            last = asha.post(room, "while it all arrives")
            reader.wait_for(last)
    for upload in uploads:
        upload.join(PATIENCE * 3)
    assert [upload.status for upload in uploads] == [303] * 10
    assert memory(server, "VmHWM") - before < 60 * MEGABYTE
    assert len(blobs(tmp_path)) == 1  # the same bytes ten times
    address = PLACE.findall("".join(asha.messages(other).values()))[0]
    assert fetch(asha, address.replace("&amp;", "&"))[1] == data
    server.stop().assert_clean()


def test_an_upload_that_is_cut_leaves_nothing(start: Start, tmp_path: Path) -> None:
    server = start()
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    never = threading.Event()
    upload = Upload(asha, room, archive(8 * MEGABYTE), may_go_on=never)
    upload.start()
    assert upload.half_sent.wait(PATIENCE)
    wait_for(lambda: blobs(tmp_path), "something has arrived")
    assert upload.connection.sock is not None
    upload.connection.sock.shutdown(2)
    wait_for(lambda: not blobs(tmp_path), "nothing is left of it")
    assert len(asha.messages(room)) == 0
    never.set()
    server.stop().assert_clean()


def test_who_sends_all_before_reading_hears_that_it_was_too_much(start: Start, tmp_path: Path) -> None:
    # As browsers do with a plain form: they would show a broken connection, had it been closed at once.
    server = start(SAMPARK_MAX_UPLOAD_MB="1")
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    go = threading.Event()
    go.set()
    for _ in range(3):
        upload = Upload(asha, room, archive(30 * MEGABYTE), may_go_on=go)
        upload.start()
        upload.join(PATIENCE * 3)
        assert upload.status == 413
    assert blobs(tmp_path) == []
    server.stop().assert_clean()


def test_an_answer_does_not_wait_for_a_rest_that_never_comes(start: Start) -> None:
    server = start(SAMPARK_MAX_UPLOAD_MB="1", prelude="import sampark.web.body as b\nb.SILENCE = 0.2\n")
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    never = threading.Event()
    upload = Upload(asha, room, archive(30 * MEGABYTE), may_go_on=never)
    upload.start()
    assert upload.half_sent.wait(PATIENCE)
    answer = http.client.HTTPResponse(upload.connection.sock)
    answer.begin()
    assert answer.status == 413
    assert b"</html>" in answer.read()
    assert upload.connection.sock.recv(1) == b""  # and is closed
    never.set()
    server.stop().assert_clean()


def test_what_a_kill_leaves_is_found_and_mended(start: Start, tmp_path: Path) -> None:
    # Killed at the worst moment: the file is stored, and its message not yet posted.
    server = start(
        prelude="import os, sampark.chat.messages as m\nold = m.post\n"
        "async def post(*a, **b):\n    if b.get('files'): os.kill(os.getpid(), 9)\n    return await old(*a, **b)\nm.post = post\n"
    )
    asha = Person.at(server.url).signed_up("asha")
    room = asha.open_room("Garden")
    go = threading.Event()
    go.set()
    upload = Upload(asha, room, archive(MEGABYTE), may_go_on=go)
    upload.start()
    upload.join(PATIENCE)
    wait_for(lambda: server.process is not None and server.process.poll() is not None, "it is killed")
    assert len(blobs(tmp_path)) == 1
    settings = {"SAMPARK_DATA_DIR": str(tmp_path / "data")}
    checked = run_to_end(tmp_path, "check", "--files", **settings)
    assert checked.code == 0, checked
    assert blobs(tmp_path) == []
    assert "Mended" in checked.said


@pytest.fixture
def bucket() -> Iterator[BucketServer]:
    with running_bucket() as running:
        yield running


def test_two_processes_share_files_through_a_bucket(start: Start, shared: dict[str, str], bucket: BucketServer) -> None:
    settings = {
        **shared,
        "SAMPARK_STORAGE_URL": bucket.url(),
        **bucket.environ,
    }
    a, b = start(**settings), start(**settings)
    asha = Person.at(a.url).signed_up("asha")
    room = asha.open_room("Garden")
    ravi = Person.at(b.url).signed_up("ravi").join(room)
    go = threading.Event()
    go.set()
    data = archive(3 * MEGABYTE)
    with ravi.follow(room) as reader:
        upload = Upload(asha, room, data, may_go_on=go)
        upload.start()
        upload.join(PATIENCE)
        assert upload.status == 303
        reader.wait(lambda reader: "film.zip" in reader.text, "the file has come")
    seq = next(seq for seq, text in ravi.messages(room).items() if "/files/" in text)
    address = next(place for place in PLACE.findall(ravi.messages(room)[seq])).replace("&amp;", "&")
    assert fetch(ravi, address) == (200, data)
    assert len(bucket.names()) == 1
    asha.elsewhere(b.url).delete(room, seq)
    assert fetch(ravi, address)[0] == fetch(asha, address)[0] == 404
    assert bucket.names() == []
    for server in (a, b):
        server.stop().assert_clean()
