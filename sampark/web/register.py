"""Making an account."""

from typing import Any
from urllib.parse import quote

from quart import Blueprint, Response, request

from sampark.chat import accounts
from sampark.text.language import N_
from sampark.web import pages, people
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("register", __name__)


@dataclass
class Registration:
    username: str = ""
    email: str = ""
    password: str = ""
    next: str = ""


@blueprint.get("/register")
@public
async def show(form: dict[str, str] | None = None, problem: Any = None, status: int = 200) -> Response:
    form = {"next": request.args.get("next", "")} if form is None else form
    is_first = await accounts.nobody_yet()
    is_open = is_first or parts().settings.registration == "open"
    return await pages.page("register", status, is_first=is_first, is_open=is_open, form=form, problem=problem)


@blueprint.post("/register")
@public
@form(Registration, again=show)
async def register(data: Registration) -> Response:
    settings = parts().settings
    await parts().limits.spend("register", people.address())
    await accounts.register(
        data.username,
        data.email,
        data.password,
        cost=settings.bcrypt_cost,
        is_open=settings.registration == "open",
        bell=parts().hub.bell,
    )
    await pages.tell(N_("Your account is ready. Sign in to begin."))
    wanted = pages.local_path(data.next)
    return pages.go("/login" if wanted == "/" else f"/login?next={quote(wanted, safe='/')}")
