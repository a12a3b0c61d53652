"""A chat and the four sites of `examples/`, one for each way in which a room stands in other people's pages.

    make examples                      http://localhost:8101 to 8104, the chat at http://127.0.0.1:8100
    make examples ARGS="--port 9000"   9000 to 9004
    make examples ARGS="--port 0"      ports that are free

The chat's address and those of the sites are different sites for a browser, as they are in the world. The chat's data lie in
./var/examples and are made anew each time.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypercorn.asyncio import serve
from hypercorn.config import Config

from tools.examples_rooms import PASSWORD, SITES, furnish

if TYPE_CHECKING:
    from quart import Quart

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "var" / "examples"


def main() -> int:
    parser = argparse.ArgumentParser(description="A chat, and four sites with its rooms in their pages.")
    parser.add_argument("--port", type=int, default=8100, help="of the chat; the sites follow. 0: whatever is free")
    parser.add_argument("--data", type=Path, default=DATA, help="a folder that is emptied at each start")
    chosen = parser.parse_args()
    ports = free_ports(len(SITES) + 1) if chosen.port == 0 else range(chosen.port, chosen.port + len(SITES) + 1)
    return asyncio.run(run(list(ports), chosen.data))


async def run(ports: list[int], data: Path) -> int:
    shutil.rmtree(data, ignore_errors=True)
    chat = f"http://127.0.0.1:{ports[0]}"
    places = {name: f"http://localhost:{port}" for name, port in zip(SITES, ports[1:], strict=True)}
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    environ = {
        "SAMPARK_DATA_DIR": str(data),
        "SAMPARK_SECRET_KEY": secrets.token_urlsafe(32),
        "SAMPARK_PUBLIC_URL": chat,
    }
    made = await furnish(environ, places, public)
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    serving = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sampark", "serve", "--port", str(ports[0]),
        env={**own_environment(), **environ}, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    stop = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    sites = [
        asyncio.create_task(show(name, port, stop, {
            "CHAT_URL": chat, "CHAT_ROOM": made[name].code, "SITE_URL": places[name],
            "CHAT_SECRET": made[name].secret, "CHAT_PRIVATE_KEY": secret,
        }))
        for name, port in zip(SITES, ports[1:], strict=True)
    ]  # fmt: skip
    ended = asyncio.create_task(serving.wait())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.to_thread(answers, ports[0])
    for name, site in SITES.items():
        print(f"{places[name]:<24} {site.about}", flush=True)
    print(f"{chat:<24} the chat: sign in as asha or meera, password: {PASSWORD}", flush=True)
    print("Stop with Ctrl-C.", flush=True)
    await asyncio.wait({ended, stopping, *sites}, return_when=asyncio.FIRST_COMPLETED)
    was_asked = stop.is_set()
    stop.set()
    if not ended.done():
        serving.terminate()
    await asyncio.wait({ended, *sites}, timeout=10)
    stopping.cancel()
    return 0 if was_asked else 1


def own_environment() -> dict[str, str]:
    """Without settings that are meant for another instance."""
    others = {"DATABASE_URL", "REDIS_URL", "HOST", "PORT"}
    return {name: value for name, value in os.environ.items() if not name.startswith("SAMPARK_") and name not in others}


async def show(name: str, port: int, stop: asyncio.Event, environ: Mapping[str, str]) -> None:
    config = Config()
    config.bind = [f"127.0.0.1:{port}", f"[::1]:{port}"] if has_ipv6() else [f"127.0.0.1:{port}"]
    config.graceful_timeout = 1
    config.loglevel = "WARNING"

    async def stopped() -> None:
        await stop.wait()

    await serve(site(name, environ), config, shutdown_trigger=stopped)


def site(name: str, environ: Mapping[str, str]) -> Quart:
    """The app of `examples/{name}/site.py`."""
    path = ROOT / "examples" / name / "site.py"
    spec = importlib.util.spec_from_file_location(f"examples_{name}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where Quart looks for the folder of templates
    spec.loader.exec_module(module)
    made: Quart = module.create_site(environ)
    return made


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def answers(port: int) -> None:
    """Wait until the chat takes connections; half a minute at most."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
