"""Signing in and out."""

import contextlib
from typing import Any

from quart import Blueprint, Response, request

from sampark.chat import accounts, sessions
from sampark.text import names
from sampark.text.language import N_
from sampark.text.problems import Invalid, NotFound, TooMany
from sampark.web import own_emoji, pages, people
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("sign_in", __name__)


@dataclass
class Credentials:
    username: str = ""
    password: str = ""
    next: str = ""


@blueprint.get("/login")
@public
async def show(form: dict[str, str] | None = None, problem: Any = None, status: int = 200) -> Response:
    if form is None:
        form = {"next": request.args.get("next", "")}
        if await people.person_or_none():
            return pages.go(pages.local_path(form["next"]))
    is_first = await accounts.nobody_yet()
    return await pages.page("login", status, is_first=is_first, form=form, problem=problem)


@blueprint.post("/login")
@public
@form(Credentials, again=show)
async def sign_in(data: Credentials) -> Response:
    address = people.address()
    await parts().limits.check("sign_in_address", address)
    account = await accounts.find(data.username)
    whose = f"id {account['id']}" if account else f"name {names.key(names.line(data.username))}"
    # Counted before the answer is known and given back after: a hundred guesses at once must not all slip through.
    await parts().limits.spend("sign_in_account", whose)
    is_guess = False
    try:
        user_id = await accounts.confirm(account, data.password, cost=parts().settings.bcrypt_cost)
        is_guess = user_id is None
    finally:
        # A busy server or an absent database is not the visitor's failure.
        if not is_guess:
            await parts().limits.give_back("sign_in_account", whose)
    if is_guess:
        with contextlib.suppress(TooMany):
            await parts().limits.spend("sign_in_address", address)
    if user_id is None:
        raise Invalid(
            N_("That name and password do not belong together. Check both; capital letters matter in the password."),
            "password",
        )
    pages.tell_nobody()
    await people.begin_session(user_id)
    return pages.go(pages.local_path(data.next))


@blueprint.post("/logout")
@public
async def sign_out() -> Response:
    person = await people.person_or_none()
    if person is not None:
        with contextlib.suppress(NotFound):
            await sessions.end(person, parts().hub.bell)
    people.forget_session()
    pages.tell_nobody()
    return own_emoji.forget(pages.go("/login"))
