"""Messages of each kind, rooms and people that do not exist, in the shape in which the database gives them."""

import datetime
import json
import math
from typing import Any

from sampark import db
from sampark.files import waveform
from sampark.live.gathering import Gathering
from sampark.text import markdown

FILES = "/files/styleguide/"
ROOM: dict[str, Any] = {
    "id": 0, "code": "styleguide22", "name": "Class 7B · कक्षा 7ब", "description": "Homework, notices and what we did today",
    "is_global": False, "is_creator": True, "unread": False, "is_muted": False,
}  # fmt: skip
ROOMS: list[dict[str, Any]] = [
    ROOM,
    {**ROOM, "code": "styleguide33", "name": "शतरंज क्लब", "unread": True},
    {
        **ROOM,
        "code": "styleguide44",
        "name": "A room with a name that is much longer than the place that there is for it",
    },
]

_TEXTS = (
    (
        "text",
        "asha",
        "Good morning! The bus leaves at 8:30. Bring water and a hat. See https://example.org/trips/2026/forest?class=7b",
    ),
    ("text", "ravi", "नमस्ते! क्या *कल* की कक्षा **सुबह 9 बजे** है? `मुख्य द्वार` पर मिलते हैं।"),
    ("text", "salma", "صباح الخير! الحافلة تغادر الساعة 8:30، لا تنسوا *الماء*."),
    ("text", "ravi", "🎉"),
    ("text", "ravi", "👩🏽‍🚒 🇮🇳 1️⃣ ❤️ 🙏🏾"),
    (
        "text",
        "asha",
        "> Who is coming?\n\n1. Everyone *who said so*\n2. ~~Rain~~ Sun\n   - a hat\n   - **water**\n\nSee [the list](https://example.org).",
    ),
    (
        "text",
        "oliver",
        '```python\nfrom random import choice\n\n@cache\ndef greet(name: str = "नमस्ते") -> str:\n    """Say it."""\n'
        '    return f"Hello {name}, {choice([1, 2, 3])}!"  # a comment that goes on beyond the edge of a telephone\n```',
    ),
    ("text", "oliver", "```diff\n- let old = 1\n+ let fresh = 2\n```\n\n```\nplain text, no language\n```"),
    (
        "text",
        "asha",
        "| Day | Lesson | Room | Minutes |\n|-----|:------:|------|--------:|\n"
        "| Monday | गणित | 12 | 45 |\n| Tuesday | History of the city | Library | 90 |",
    ),
    ("text", "mina", "\n".join(f"{count}. line of a long message that is shown folded" for count in range(1, 41))),
    ("system", "mina", "joined"),
)


def messages() -> list[db.Row]:
    """Rows as `chat.history.SELECT` reads them. Their ids are below zero: no message has one."""
    shown = [(kind, author, text, None) for kind, author, text in _TEXTS] + [
        (kind, "mina", "", json.dumps([file])) for kind, file in _files()
    ]
    return [_row(place, *what) for place, what in enumerate(shown, 1)]


def _row(place: int, kind: str, author: str, text: str, attachments: str | None) -> db.Row:
    return {
        "id": -place, "room_id": 0, "seq": place, "version": 1, "posted_version": 1, "message_type": kind, "content": text,
        "html": "" if kind == "system" else markdown.to_html(text) if text else "", "attachments": attachments,
        "timestamp": datetime.datetime(2026, 11, 23, 8, place, tzinfo=datetime.UTC), "deleted_at": None, "client_key": None,
        "username": author, "display_name": _NAMES[author], "profile_picture": None, "code": ROOM["code"],
    }  # fmt: skip


_NAMES = {"asha": "आशा Rao", "ravi": "Ravi", "salma": "سلمى", "oliver": "Oliver", "mina": "Mina Das"}


def _files() -> list[tuple[str, dict[str, Any]]]:
    some = {"id": "styleguide", "size": 48_213}
    size = {"width": 480, "height": 480, "colour": "#caa64b", "is_animated": False}
    wave = waveform.to_text([round(128 + 120 * math.sin(at / 3) * math.sin(at / 17)) for at in range(100)])
    return [
        ("image", {**some, **size, "kind": "image", "name": "पतंग.jpg", "sizes": {"small": [240, 240], "large": [480, 480]}}),
        ("video", {**some, "kind": "video", "name": "flight.mp4", "width": 480, "height": 480, "has_poster": True}),
        ("voice", {**some, "kind": "voice", "name": "voice.ogg", "duration": 7.4, "waveform": wave}),
        ("file", {**some, "kind": "pdf", "name": "नोटिस October.pdf", "pages": 3}),
        (
            "gif",
            {
                "kind": "gif", "title": "Namaste", "alts": {}, "width": 240, "height": 240, "url": "/gifs/namaste.webp",
                "still": "/gifs/namaste.still.webp", "source": "", "by": "",
            },
        ),
    ]  # fmt: skip


def _member(user_id: int, username: str, role: str) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "username": username,
        "display_name": _NAMES[username],
        "profile_picture": None,
        "role": role,
    }


MEMBERS = [_member(1, "asha", "creator"), _member(2, "ravi", "member"), _member(3, "salma", "member")]
GATHERING = Gathering(ROOM["code"], {1, 3}, 3, MEMBERS)
