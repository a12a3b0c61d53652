"""What stands in several files about deployment says the same in each."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

from tools.uv import UV_VERSION, UV_WHEELS

ROOT = Path(__file__).resolve().parents[2]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_image_installs_with_the_uv_that_make_pins() -> None:
    assert re.findall(r"astral-sh/uv:(\S+)", text("Dockerfile")) == [UV_VERSION]


def test_each_pinned_digest_is_a_digest() -> None:
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for _, digest in UV_WHEELS.values())


def test_what_compose_requires_stands_in_the_example() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", text("compose.yaml")))
    assert required
    assert required <= set(re.findall(r"^(\w+)=", text(".env.example"), re.MULTILINE))


def test_the_image_gets_all_that_the_wheel_is_made_of() -> None:
    wheel = tomllib.loads(text("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    let_in = set(re.findall(r"^!(\S+)", text(".dockerignore"), re.MULTILINE))
    assert {*wheel["packages"], *wheel["force-include"], "pyproject.toml", "uv.lock", "README.md", "LICENSE"} <= let_in


def test_web_can_be_scaled() -> None:
    web = yaml.safe_load(text("compose.yaml"))["services"]["web"]
    assert "ports" not in web
    assert "container_name" not in web


def test_nothing_is_taken_by_a_moving_tag() -> None:
    images = [
        service["image"]
        for service in yaml.safe_load(text("compose.yaml"))["services"].values()
        if "build" not in service
    ]
    images += re.findall(r"^FROM (\S+)", text("Dockerfile"), re.MULTILINE)
    assert all(":" in image and not image.endswith(":latest") for image in images)
