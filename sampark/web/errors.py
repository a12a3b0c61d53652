"""Whatever goes wrong is a readable page, or for htmx a fragment, that says what to do. Nothing that was typed is repeated in it,
but for words that would be lost otherwise."""

from typing import Any

import structlog
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError

from sampark import db
from sampark.text import origins
from sampark.text.language import N_
from sampark.text.problems import (
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Taken,
    TooLarge,
    TooMany,
    Unavailable,
    WrongKind,
)
from sampark.text.vouching import Refused
from sampark.web import framing, pages

log = structlog.get_logger()

_STATUS: dict[type[Problem], int] = {
    NotFound: 404,
    Invalid: 422,
    Taken: 409,
    Forbidden: 403,
    TooMany: 429,
    Unavailable: 503,
    TooLarge: 413,
    WrongKind: 415,
    Refused: 403,
}

_SENTENCES = {
    400: (N_("That request makes no sense here"), N_("Go back, load the page again, and try once more.")),
    401: (N_("Please sign in"), N_("Sign in, then try again.")),
    403: (
        N_("That is not allowed"),
        N_("Nothing was changed. If you had the page open for a long time, load it again and try once more."),
    ),
    404: (
        N_("There is nothing here"),
        N_(
            "The address may be mistyped, or the room may be private or gone. If somebody gave you a room ID, join with it."
        ),
    ),
    405: (N_("That is not how this address works"), N_("Go back and use the button or link on the page.")),
    408: (N_("That took too long to arrive"), N_("Nothing was changed. Go back and send it once more.")),
    409: (N_("Already taken"), N_("Somebody was faster. Go back and try another.")),
    413: (
        N_("That is too large"),
        N_("Send something smaller. A message takes up to 10,000 characters, and files as the page says."),
    ),
    415: (N_("That kind of thing is not accepted here"), N_("Go back and use the form on the page.")),
    422: (N_("Something needs to be corrected"), N_("Go back, correct it, and send it again.")),
    429: (N_("A little too fast"), N_("Wait a moment, then try again.")),
    500: (
        N_("Something went wrong on our side"),
        N_("It has been noted. What you typed is still in your browser: go back and try again."),
    ),
    503: (N_("The database is away"), N_("Nothing you typed was lost: go back, wait a moment, and try again.")),
}
_UNOPENED = (
    N_("Join this room?"),
    N_(
        "Welcome! If somebody gave you this link, you are one step away from reading and writing here."
        " Should it not let you in, it may be mistyped, or the room may be gone."
    ),
)
_PASSING = {408, 429, 500, 503}
"""What may well be over when the same page is asked for again."""


def status_of(problem: Problem) -> int:
    return _STATUS.get(type(problem), 422)


def with_retry_after(response: Response, problem: Problem | None) -> Response:
    if isinstance(problem, TooMany):
        response.headers["Retry-After"] = str(problem.retry_after)
    elif isinstance(problem, Unavailable):
        response.headers["Retry-After"] = "5"
    return response


def note_away(fault: BaseException) -> None:
    log.warning("database_away", fault=type(fault).__name__)


async def answer(
    status: int, problem: Problem | None = None, *, offers_to_join: bool = False, words: str = ""
) -> Response:
    """`offers_to_join`: this is the address of a room, which the visitor may have got as an invitation. Whether there is such
    a room, the page does not tell. `words`: what somebody typed, to be copied."""
    title, advice = _SENTENCES.get(status, _SENTENCES[500 if status >= 500 else 400])
    if offers_to_join:
        title, advice = _UNOPENED
    said = pages.say(problem) if problem is not None and not isinstance(problem, NotFound) else None
    # A whole page would offer, in a frame, links to what may not be framed.
    if framing.is_embedded() and not pages.is_htmx():
        return with_retry_after(
            # Without a form it needs no cookie, and is the same for all.
            pages.fragment("pages/error_embedded", status, title=title, advice=advice, said=said, csrf=""),
            problem,
        )
    name = "error_framed" if framing.is_framed() and not pages.is_htmx() else "error"
    is_read = request.method in {"GET", "HEAD"}
    response = await pages.page(
        name,
        status,
        status=status,
        title=title,
        advice=advice,
        said=said,
        path="/",
        way_in=pages.way_to_sign_in(),
        words=words,
        offers_to_join=offers_to_join,
        may_pass=is_read and status in _PASSING,
        back="" if is_read else _page_before(),
    )
    if pages.is_htmx():
        # Where the answer was meant to go may be a message: an error must not take its place.
        response.headers["HX-Retarget"] = "#alerts"
        response.headers["HX-Reswap"] = "innerHTML"
    if status == 503:
        response.headers["Retry-After"] = "5"
    if name == "error_framed" and status in {429, 503} and request.method == "GET":
        response.headers["Refresh"] = "5"
    if status == 408 and request.http_version.startswith("1"):
        response.headers["Connection"] = "close"  # the rest of the body could follow at any time
    return with_retry_after(response, problem)


def _page_before() -> str:
    """The page of ours whose form this was, as far as the browser says."""
    before = origins.split(request.referrer or "")
    if before.netloc != request.host:
        return ""
    return pages.local_path(before.path + (f"?{before.query}" if before.query else ""), "")


def set_up(app: Quart) -> None:
    @app.errorhandler(Problem)
    async def on_problem(problem: Problem) -> Response:
        return await answer(status_of(problem), problem)

    @app.errorhandler(HTTPException)
    async def on_http(fault: HTTPException) -> Any:
        if fault.code is None or fault.code < 400:
            return fault.get_response()
        if isinstance(fault, InternalServerError):
            return await on_fault(fault.original_exception or fault)
        response = await answer(fault.code)
        for name, value in fault.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    @app.errorhandler(Exception)
    async def on_fault(fault: BaseException) -> Response:
        if db.is_away(fault):
            note_away(fault)
            return await answer(503)
        # The route, not the address: what somebody typed there is not ours to keep.
        log.error("request_failed", route=str(request.url_rule), method=request.method, exc_info=fault)
        return await answer(500)
