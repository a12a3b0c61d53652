"""Who somebody is in a frame: a guest with a nickname, a person whom the site vouches for, or a member with an account of their own."""

import datetime
import time

import structlog
from quart import Response, request

from sampark.access import live_sessions
from sampark.chat import embeds, guests, vouched
from sampark.models.embed import GUESTS
from sampark.models.user import GUEST
from sampark.text import vouching
from sampark.text.language import N_
from sampark.text.problems import Forbidden, NotFound, Problem
from sampark.text.vouching import Refused
from sampark.web import embed_account, embedding, origin, pages, people
from sampark.web.embed_page import frame, look
from sampark.web.embedding import blueprint, here
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts

log = structlog.get_logger()


@dataclass
class Nickname:
    name: str = ""
    text: str = ""
    """What they were writing when their session ended."""


@dataclass
class Click:
    csrf: str = ""


@dataclass
class Token:
    token: str = ""


async def _again(room: str, form: dict[str, str], problem: Problem, status: int) -> Response:
    if isinstance(problem, NotFound):
        raise problem
    return await frame(form, problem, status)


@blueprint.post("/guest")
@form(Nickname, again=_again)
async def guest(room: str, data: Nickname) -> Response:
    found = here()
    if found.embed.level != GUESTS or not embedding.keeps_people():
        raise NotFound
    await parts().limits.spend("guest", people.address())
    await embedding.spend_for_site()
    token = await guests.come(found.embed, data.name, found.place(), parts().hub.bell)
    return await _into(token, int(guests.STAYS.total_seconds()), data.text)


@blueprint.post("/vouch")
@form(Token, again=_again)
async def vouch(room: str, data: Token) -> Response:
    """From the site's own page, with a token that it has signed. What is wrong with one is for its developer to read."""
    found = here()
    listed = found.embed.origin_of(request.headers.get("Origin"))
    if listed is None:
        raise NotFound
    await parts().limits.spend("vouch", people.address())
    try:
        token = await vouched_for(data.token, found.embed.origins[listed])
    except (Refused, Forbidden) as problem:
        # The sentence without its values: a log holds nothing that opens a room.
        log.warning("token_refused", site=found.embed.origins[listed], reason=problem.sentence)
        refused = pages.say(problem) if isinstance(problem, Refused) else ""
        shown = problem if isinstance(problem, Forbidden) else None
        return await frame(problem=shown, status=403, refused=refused)
    return await _into(token, int(vouched.STAYS.total_seconds()))


async def vouched_for(token: str, site: str, stays: datetime.timedelta = vouched.STAYS) -> str:
    """A session for whom the token names. Errors: `Refused`, `Forbidden`."""
    embed = here().embed
    keys = await embeds.verifying_keys(embed.id)
    claims = vouching.verify(
        token, [key for _, key in keys.values()], origin.ours(), embed.room.code, time.time(), [site]
    )
    await embedding.spend_for_site()  # only now: whoever has no right token costs the site nothing
    await vouched.spend(embed.id, claims.token_id, claims.forget_after)
    return await vouched.come(embed, claims, keys[claims.kid][0], here().place(), parts().hub.bell, stays)


@blueprint.post("/account")
@form(Click, again=_again)
async def account(room: str, data: Click) -> Response:
    """One's own account, after a click, where the browser hands over what `/embed/account` has set."""
    found = here()
    await parts().limits.spend("guest", people.address())
    found_session = embed_account.read()
    if found_session is None or not await live_sessions({found_session[0]}):
        raise Forbidden(
            N_(
                "Your browser did not hand over your account. Open the chat in a new tab, or allow it below and try once more."
            )
        )
    token = await guests.come_with_account(found.embed, found_session[1], found.place())
    return await _into(token, int(guests.STAYS.total_seconds()))


async def _into(token: str, seconds: int, text: str = "") -> Response:
    before = here().visitor
    if before is not None and before.kind == GUEST:
        await guests.go(here().embed, before, parts().hub.bell)  # who has a better name now is not here twice
    if not text:
        return embedding.remember(_frame_again(), token, seconds)
    await embedding.become(token)  # no address carries words
    return embedding.remember(await frame({"text": text}), token, seconds)


def _frame_again() -> Response:
    looks = look(here())
    return pages.go(f"{looks['way']}{looks['query']}")
