"""Where others find this instance."""

from quart import request

from sampark.text import origins
from sampark.web.parts import parts

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def ours() -> str:
    """Our origin as people, sites and tokens name it: what the operator says, else where this request went."""
    return (parts().settings.public_url or request.host_url).rstrip("/")


def is_own_machine(url: str) -> bool:
    """Whether this address leads nobody here but the machine that it is opened on."""
    host = origins.split(url).hostname or ""
    return host in _LOOPBACK or host.endswith(".localhost")
