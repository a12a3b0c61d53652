"""One room and many readers, through the load generator in fanload.c; and the same for nginx with nchan."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.server import Running, free_port

SOURCE = Path(__file__).with_name("fanload.c")
NCHAN = ("/usr/lib/nginx/modules/ngx_nchan_module.so", "/usr/share/nginx/modules/ngx_nchan_module.so")
TOO_LATE = 500.0  # ms at the 99th percentile: where a chat stops to feel live
Result = dict[str, float]


class Absent(Exception):
    """A tool that this part needs is not installed; its text says which and how to get it."""


def build(folder: Path) -> Path:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise Absent("posting and fan-out need a C compiler for the load generator: apt install gcc libc6-dev")
    program = folder / "fanload"
    done = subprocess.run([compiler, "-O2", "-o", str(program), str(SOURCE)], capture_output=True, text=True)
    if done.returncode:
        raise Absent(f"the load generator does not compile here (it needs Linux):\n{done.stderr.strip()}")
    return program


@dataclass(frozen=True)
class Target:
    """A server with one room: where to read, where to post, as whom."""

    name: str
    running: Running
    read: str
    post: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Generator:
    """fanload on the cores that the server does not have."""

    program: Path
    cores: frozenset[int]

    def measure(self, target: Target, readers: int, rate: float, seconds: float, *options: str) -> Result:
        command: list[str | Path] = [self.program, "-a", f"127.0.0.1:{target.running.port}", "-n", str(readers)]
        command += ["-p", target.read, "-P", target.post, *target.options, "-i", str(target.running.pid)]
        command += ["-R", str(rate), "-T", str(seconds), "-L", "200", "-H", "Sec-Fetch-Site: same-origin", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self.cores:
            os.sched_setaffinity(process.pid, self.cores)
        out, _ = process.communicate(timeout=300)
        if process.returncode:
            raise SystemExit(f"fanload failed on {target.name}: {out}")
        result: Result = json.loads(out)
        if result["established"] < readers:
            raise SystemExit(f"{target.name} let in {result['established']} of {readers} readers")
        return result

    def highest(self, target: Target, readers: int, seconds: float) -> Result:
        """The most deliveries per second with nothing lost and few late, found by raising the rate by halves."""
        best: Result = {"deliv_per_s": 0, "p99": 0, "cpu_per_M": 0}
        rate = max(1.0, 2000 / readers)
        while rate * readers < 4_000_000:
            result = self.measure(target, readers, rate, seconds)
            if (
                result["missing"]
                or result["dups"]
                or result["p99"] > TOO_LATE
                or result["deliv_per_s"] < best["deliv_per_s"]
            ):
                break
            best = result
            rate *= 1.5
        return best


@contextmanager
def nchan(folder: Path, core: int | None, fragment_bytes: int) -> Iterator[Target]:
    """nginx with nchan, a hub written in C: one worker, messages of the size of our fragment, stored nowhere."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    module = next((path for path in NCHAN if Path(path).exists()), None)
    if nginx is None or module is None:
        raise Absent("nothing to compare with; for that: apt install nginx-light libnginx-mod-nchan")
    port = free_port()
    settings = folder / "nginx.conf"
    settings.write_text(f"""\
load_module {module};
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 8192; }}
http {{
  access_log off; client_body_temp_path {folder}/body;
  server {{
    listen 127.0.0.1:{port}; keepalive_requests 10000000;
    location = /post {{ nchan_publisher; nchan_channel_id room; }}
    location = /read {{ nchan_subscriber eventsource; nchan_channel_id room; nchan_subscriber_first_message newest; }}
  }}
}}
""")
    wrapping = "<article>{{text}}" + "x" * max(0, fragment_bytes - 200 - 19) + "</article>"
    template = folder / "nchan-message"
    template.write_text(wrapping)
    process = subprocess.Popen([nginx, "-c", str(settings), "-p", str(folder), "-e", str(folder / "nginx.log")])
    try:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        time.sleep(0.5)
        if process.poll() is not None:
            raise Absent(f"nginx with nchan did not start: {(folder / 'nginx.log').read_text().strip()}")
        yield Target("nginx + nchan", Running(port, process.pid), "/read", "/post", ("-B", str(template)))
    finally:
        process.terminate()
        process.wait(10)


def ours(running: Running, room: str, cookies: Sequence[str], folder: Path) -> Target:
    jar = folder / "cookies"
    jar.write_text("\n".join(cookies) + "\n")
    return Target("Sampark Setu", running, f"{room}/events", f"{room}/messages", ("-F", "text", "-C", str(jar)))
