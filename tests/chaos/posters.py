"""People who post and delete: each tries again with the same key until there is an answer, and notes what was acknowledged."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.chaos.wire import PATIENCE, Answer, Lost, request

LINES = (
    "See you at eight.",
    "आज शाम को मिलते हैं, ठीक?",
    "**bold** and `code`, and a link: https://example.org/?a=1&b=2",
    "one\n\ntwo\u2028event: gone\ndata: three",
    "</hx-partial><script>alert(1)</script> id: 9",
    "🪔 🪔 🪔",
)
LONG = "एक लंबी चिट्ठी, पंक्ति के बाद पंक्ति। " * 250
"""Nearly as many characters as there may be, and three times as many bytes."""
_SEQ = re.compile(r"#message-(\d+)$")
_ARTICLE = re.compile(r'<article id="message-(\d+)"')


class SentAway(Exception):
    """An answer after which no page tries again by itself."""


@dataclass(frozen=True)
class Sent:
    """An acknowledged post."""

    marker: str
    """What its text begins with, and no other message's."""
    seq: int
    at: float
    """When the acknowledgement came (monotonic seconds)."""
    began: float
    """When it was first sent: it may have been stored long before its acknowledgement."""


@dataclass(eq=False)
class Poster:
    name: str
    cookie: str
    room: str
    bases: Sequence[str]
    chance: random.Random
    posts_twice: bool
    uses_htmx: bool
    sent: list[Sent] = field(default_factory=list)
    deleted: dict[int, float] = field(default_factory=dict)
    """Acknowledged deletions, and when each was asked for."""
    refusals: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    pause: tuple[float, float] = (0.03, 0.25)
    letters: float = 0.02
    """How often a text is a long one."""
    is_over: bool = False

    async def run(self) -> None:
        """Post, and now and then delete, until `is_over`; what was begun is brought to its end."""
        while not self.is_over:
            if self.chance.random() < 0.1:
                await self._type()
            await self.post()
            if self.chance.random() < 0.12 and len(self.sent) > 3:
                await self._delete(self.chance.choice(self.sent[-40:]).seq)
            await asyncio.sleep(self.chance.uniform(*self.pause))

    async def post(self, text: str = "") -> Sent:
        began = time.monotonic()
        marker = f"{self.name}-{len(self.sent) + 1}."
        if not text:
            text = LONG if self.chance.random() < self.letters else self.chance.choice(LINES)
        fields = {"text": f"{marker} {text}", "key": f"{self.chance.getrandbits(90):x}"}
        copies = 2 if self.posts_twice else 1
        seqs = {*await asyncio.gather(*(self._until_taken(fields) for _ in range(copies)))}
        if len(seqs) != 1:
            self.wrong.append(f"{marker} was sent twice with one key and became {sorted(seqs)}")
        sent = Sent(marker, min(seqs), time.monotonic(), began)
        self.sent.append(sent)
        return sent

    async def _until_taken(self, fields: dict[str, str]) -> int:
        while True:
            answer = await self._ask(f"/rooms/{self.room}/messages", fields)
            if answer is None:
                continue
            found = (
                _ARTICLE.search(answer.text)
                if answer.status == 201
                else _SEQ.search(answer.headers.get("location", ""))
            )
            if found is None:
                raise AssertionError(f"{fields['text'][:40]!r}: {answer.status}, but which message is it? {answer}")
            return int(found[1])

    async def _delete(self, seq: int) -> None:
        if seq in self.deleted:
            return
        asked = time.monotonic()
        # Whose answer was lost asks again, and hears that there is nothing any more.
        while await self._ask(f"/rooms/{self.room}/messages/{seq}/delete", {}, {200, 303, 404}) is None:
            pass
        self.deleted[seq] = asked

    async def _type(self) -> None:
        await self._ask(f"/rooms/{self.room}/typing", {}, {204})

    async def _ask(self, path: str, fields: dict[str, str], fine: set[int] | None = None) -> Answer | None:
        """The answer, or None for "try again", after a moment."""
        more = {"HX-Request": "true"} if self.uses_htmx else {}
        base = self.chance.choice(self.bases)
        # Now and then the line breaks when the post is on its way: nobody knows whether it was taken.
        patience = self.chance.uniform(0, 0.02) if self.chance.random() < 0.06 else PATIENCE
        try:
            answer = await request(base, "POST", path, self.cookie, fields, patience=patience, **more)
        except Lost as lost:
            self.refusals["lost"] += 1
            if "no answer" in str(lost) and patience == PATIENCE:
                self.wrong.append(f"{self.name}: {path}: {lost}")
        else:
            if answer.status in (fine or {201, 303}) and "/login" not in answer.headers.get("location", ""):
                return answer
            self._refused(path, answer)
        await asyncio.sleep(self.chance.uniform(0.2, 0.5))
        return None

    def _refused(self, path: str, answer: Answer) -> None:
        self.refusals[str(answer.status)] += 1
        where = answer.headers.get("location") or answer.headers.get("hx-redirect", "")
        note = f"{self.name}: POST {path} was answered with {answer.status} {where}".rstrip()
        if answer.status < 500:
            raise SentAway(note)
        if answer.status != 503 and note not in self.wrong:
            self.wrong.append(note)
        if 'role="alert"' not in answer.text:
            self.wrong.append(f"{self.name}: a {answer.status} that does not say what to do: {answer.text[:500]}")
