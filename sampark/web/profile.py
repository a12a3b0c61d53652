"""One's own page: names, e-mail address, password."""

from typing import Any

from quart import Blueprint, Response

from sampark.chat import accounts, pictures, sessions
from sampark.chat.attachments import Attachment
from sampark.chat.inspection import Crop
from sampark.text.language import N_
from sampark.text.problems import Invalid
from sampark.web import pages, people, uploads
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import person

blueprint = Blueprint("profile", __name__)


@dataclass
class Profile:
    display_name: str | None = None
    username: str | None = None
    email: str | None = None
    remove_picture: str = ""
    crop: str = ""
    """Left, top and side, three numbers from 0 to 1, as the page's script chose them."""


@dataclass
class NewPassword:
    current_password: str = ""
    password: str = ""


@blueprint.get("/profile")
async def show(form: dict[str, str] | None = None, problem: Any = None, status: int = 200) -> Response:
    me = person()
    filled = {"display_name": me.display_name, "username": me.username, "email": me.email, **(form or {})}
    return await pages.page("profile", status, form=filled, problem=problem, sessions=await sessions.mine(me))


@blueprint.post("/profile")
@form(Profile, again=show)
async def change(data: Profile) -> Response:
    me = person()
    await parts().limits.spend("rename", str(me.id))
    picture = await _new_picture(data)
    try:
        await accounts.change_profile(
            me,
            username=me.username if data.username is None else data.username,
            email=me.email if data.email is None else data.email,
            display_name=me.display_name if data.display_name is None else data.display_name,
            bell=parts().hub.bell,
        )
        if picture is not None:
            await pictures.show(me, picture, parts().attachments, parts().hub.bell)
    except BaseException:
        await parts().attachments.release([picture] if picture else [])
        raise
    if picture is None and data.remove_picture:
        await pictures.remove(me, parts().attachments, parts().hub.bell)
    await pages.tell(N_("Your profile is saved."))
    return pages.go("/profile")


async def _new_picture(data: Profile) -> Attachment | None:
    """Made first: what is wrong with it changes nothing else."""
    sent = await uploads.picture()
    return await parts().attachments.picture(person().id, sent, _crop(data.crop)) if sent is not None else None


def _crop(text: str) -> Crop | None:
    try:
        x, y, side = (float(part) for part in text.split())
    except ValueError:
        return None
    return (x, y, side) if all(0 <= part <= 1 for part in (x, y, side)) and side > 0 else None


@blueprint.get("/profile/password")
async def start() -> Response:
    """Where the form for it stands again when it is refused: to load the page anew from there works."""
    return pages.go("/profile")


@blueprint.post("/profile/password")
@form(NewPassword, again=show)
async def change_password(data: NewPassword) -> Response:
    me = person()
    whose = f"id {me.id}"
    await parts().limits.spend("sign_in_account", whose)
    try:
        await accounts.change_password(me, data.current_password, data.password, cost=parts().settings.bcrypt_cost)
    except Invalid as problem:
        if problem.field == "password":
            await parts().limits.give_back("sign_in_account", whose)
        raise
    await parts().limits.give_back("sign_in_account", whose)
    await sessions.end_others(me, parts().hub.bell)
    await people.begin_session(me.id)
    parts().hub.bell.signed_out(me.id)
    await pages.tell(N_("Your password is changed. Everywhere else you have been signed out."))
    return pages.go("/profile")


@blueprint.post("/profile/sessions/<int:session_id>/end")
async def end_session(session_id: int) -> Response:
    await sessions.end(person(), parts().hub.bell, min(session_id, 10**18))
    await pages.tell(N_("That browser is signed out."))
    return pages.go("/profile")


@blueprint.post("/profile/sessions/end-others")
async def end_other_sessions() -> Response:
    await sessions.end_others(person(), parts().hub.bell)
    await pages.tell(N_("Everywhere else you have been signed out."))
    return pages.go("/profile")
