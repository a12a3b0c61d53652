"""Room IDs, from whatever people type or paste."""

from __future__ import annotations

import pytest

from sampark.text import room_ids


def test_an_id_is_twelve_unmistakable_characters_and_never_the_same() -> None:
    made = [room_ids.new() for _ in range(2000)]
    assert len({*made}) == 2000
    assert all(len(code) == 12 for code in made)
    assert {*"".join(made)} == {*"23456789abcdefghjkmnpqrstuvwxyz"}


@pytest.mark.parametrize(
    "typed",
    [
        "k3f9x2mq7hpt",
        "k3f9-x2mq-7hpt",
        "K3F9-X2MQ-7HPT",
        "  k3f9 x2mq 7hpt \n",
        "k3f9–x2mq—7hpt",
        "k3f9‑x2mq‐7hpt",
        "https://chat.example.org/rooms/k3f9x2mq7hpt",
        "http://127.0.0.1:8000/rooms/K3F9-X2MQ-7HPT?before=3#message-4",
        "chat.example.org/rooms/k3f9x2mq7hpt/messages/12",
        "look: https://chat.example.org/rooms/k3f9x2mq7hpt here",
        "\u00a0k3f9\u00a0x2mq\u00a07hpt",
    ],
)
def test_every_way_of_writing_finds_it(typed: str) -> None:
    assert room_ids.read(typed) == "k3f9x2mq7hpt"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "k3f9",
        "k3f9x2mq7hp",
        "k3f9x2mq7hptt",
        "k3f9x2mq7hp0",
        "k3f9x2mq7hpl",
        "k3f9x2mq7hpi",
        "k3f9x2mq7hpo",
        "k3f9x2mq7hp1",
        "k3f9x2mq7hpé",
        "k3f9x2mq7hpк",
        "!3f9x2mq7hpt",
        "../../../etc",
        "k3f9x2mq7hpt\x00",
        "https://x/rooms/",
        "k3f9x2mq7hpt'--",
        "%",
        "９３ｆ９ｘ２ｍｑ７ｈｐｔ",
    ],
)
def test_what_is_no_id_finds_nothing(typed: str) -> None:
    assert room_ids.read(typed) is None


def test_it_is_shown_in_three_groups_that_read_back() -> None:
    assert room_ids.shown("k3f9x2mq7hpt") == "k3f9-x2mq-7hpt"
    assert all(room_ids.read(room_ids.shown(code)) == code for code in (room_ids.new() for _ in range(50)))
