"""What another app shares with this one: it becomes a draft in a room that one chooses; nothing is sent before one says so.

Where the site is installed, its service worker takes what comes (`static/js/sw.js`): words and files stay in the browser until a room
is chosen, also while somebody signs in. What is here serves words without one, and no files: a server could not give them back.
"""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from quart import Blueprint, Response, request

from sampark.chat.messages import LONGEST
from sampark.text.language import N_
from sampark.text.problems import Invalid, Problem, TooLarge
from sampark.web import errors, home, pages, people
from sampark.web.forms import dataclass, form
from sampark.web.multipart import NO_FILE_HERE
from sampark.web.people import public
from sampark.web.rooms import with_draft

blueprint = Blueprint("share", __name__)

LONGEST_ADDRESS = 6000
"""Letters of the way through signing in, in which what was shared is said; of sixteen thousand for a request's whole head."""
_TOO_LONG = N_("You had been signed out, so nothing was sent. What you typed is too long to be kept: copy it first.")
_NO_MESSAGE = N_("The message is too long by %(over)s characters; 10,000 are the most.")
_NO_FILES = N_("The files did not come along. Choose a room, and attach them there.")


@dataclass
class Shared:
    title: str = ""
    text: str = ""
    url: str = ""
    room: str = ""


@blueprint.get("/share")
async def share() -> Response:
    return await _choose(_of(request.args))


def _of(given: Mapping[str, str]) -> Shared:
    return Shared(*(given.get(name, "") for name in ("title", "text", "url")))


async def _again(form: dict[str, str], problem: Problem, status: int) -> Response:
    """What came before the first file is kept."""
    if form.get("room") or request.mimetype != "multipart/form-data":
        raise problem
    return await _choose(_of(form), Invalid(_NO_FILES) if problem.sentence == NO_FILE_HERE else problem, status)


@blueprint.post("/share")
@public
@form(Shared, again=_again)
async def shared(data: Shared) -> Response:
    # Browsers post straight to the room (`formaction`); this is for those that do not know how.
    if data.room and await people.person_or_none():
        return await with_draft(data.room, data.text)
    return await _choose(data)


async def _choose(data: Shared, problem: Problem | None = None, status: int = 200) -> Response:
    words = _words(data)
    if await people.person_or_none():
        return await home.choose_room(words, problem, status)
    if len(words) > 2 * LONGEST:  # no message could hold it, and to show it to everybody who asks would cost too much
        raise TooLarge(_NO_MESSAGE, over=len(words) - LONGEST)
    way = _way_to_sign_in(words)
    if way is None:  # no redirect: it would lose them
        return await errors.answer(401, Invalid(_TOO_LONG), words=words)
    if pages.wants_no_redirect():
        response = await errors.answer(401, problem, words=words)
        response.headers["HX-Redirect"] = way
        return response
    if problem:
        await pages.tell(problem.sentence)
    return pages.go(way)


def _way_to_sign_in(words: str) -> str | None:
    """It leads back here, with the words; `None` where an address does not hold them all."""
    if len(words) > LONGEST_ADDRESS:
        return None
    way = f"/login?next={quote('/share?' + urlencode({'text': words}), safe='/')}"
    return way if len(way) <= LONGEST_ADDRESS else None


def _words(data: Shared) -> str:
    """Each thing once: apps like to put the address into the text, and the title too."""
    said: list[str] = []
    for words in (data.text.strip(), data.title.strip(), data.url.strip()):
        if words and not any(words in other for other in said):
            said.append(words)
    title = data.title.strip()
    said.sort(key=lambda words: words != title)
    return "\n".join(said)
