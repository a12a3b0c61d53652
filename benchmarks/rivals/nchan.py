"""nginx with nchan, a hub written in C. One worker; messages of the size of our fragment; they are stored in memory only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks import install
from benchmarks.generator import Target
from benchmarks.processes import Absent, free_port, listens, started

NAME = "nginx + nchan"
MODULE = "ngx_nchan_module.so"
FRAMING = 60
"""Bytes that an event needs beside its message, about."""

# A buffer of 10 messages, nchan's default, would lose some at the rates measured here.
SETTINGS = """\
load_module {module};
daemon off; master_process off; worker_rlimit_nofile 65536;
pid {folder}/nginx.pid; error_log {folder}/nginx-errors.log;
events {{ worker_connections 32768; }}
http {{
  access_log off; client_body_temp_path {folder}/body; nchan_shared_memory_size 256M;
  nchan_message_buffer_length 5000; nchan_message_timeout 30s;
  server {{
    listen 127.0.0.1:{port} backlog=4096; keepalive_requests 10000000;
    location = /post {{ nchan_publisher; nchan_channel_id room; }}
    location = /read {{ nchan_subscriber eventsource; nchan_channel_id room; nchan_subscriber_first_message newest; }}
  }}
}}
"""


def installed() -> tuple[Path, Path]:
    """nginx and the module, installed first if need be. An nginx that serves here already is not touched."""
    nginx = install.program("nginx", "nginx-light", "libnginx-mod-nchan")
    if module() is None:
        install.debian("libnginx-mod-nchan")
    found = module()
    if found is None:
        raise Absent("libnginx-mod-nchan is installed, but its module is nowhere")
    return nginx, found


def module() -> Path | None:
    folders = ("/usr/lib/nginx/modules", "/usr/share/nginx/modules", "/usr/lib64/nginx/modules")
    return next((path for folder in folders if (path := Path(folder) / MODULE).exists()), None)


@contextlib.contextmanager
def serving(folder: Path, cores: frozenset[int], event_bytes: int) -> Iterator[Target]:
    nginx, library = installed()
    port = free_port()
    settings, template = folder / "nginx.conf", folder / "fragment"
    settings.write_text(SETTINGS.format(module=library, folder=folder, port=port))
    head, tail = "<article>{{text}}", "</article>"
    padding = event_bytes - FRAMING - 200 - len("<article></article>")
    template.write_text(head + "x" * max(0, padding) + tail)
    log = folder / "nginx.log"
    command: list[str | Path] = [nginx, "-c", settings, "-p", folder, "-e", folder / "nginx-errors.log"]
    with started(command, port, log, cores, folder=folder) as server:
        server.wait_until(lambda: listens(port), NAME)
        yield Target(NAME, port, server.pids, ("-p", "/read"), ("-P", "/post", "-B", str(template)))
