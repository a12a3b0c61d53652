"""Theme, language and sounds: kept with the account, and in cookies for those who have not signed in. Frames: for this browser."""

from quart import Blueprint, Response

from sampark.chat import accounts
from sampark.text.language import LANGUAGES, N_
from sampark.text.problems import Invalid
from sampark.web import pages, people
from sampark.web.forms import dataclass, form
from sampark.web.parts import parts
from sampark.web.people import public

blueprint = Blueprint("preferences", __name__)


@dataclass
class Preferences:
    theme: str = ""
    language: str = ""
    sounds: str = ""
    frames: str = ""
    """Without JavaScript: whether rooms are shown in frames that go on by themselves (`on`, `off`)."""
    next: str = ""


@blueprint.post("/preferences")
@public
@form(Preferences)
async def prefer(data: Preferences) -> Response:
    known = (
        data.theme in {"", *pages.THEMES},
        data.language in {"", *LANGUAGES},
        {data.sounds, data.frames} <= {"", "on", "off"},
    )
    if not all(known):
        raise Invalid(N_("That choice is not known here."))
    person = await people.person_or_none()
    if person is not None:
        sounds = None if not data.sounds else data.sounds == "on"
        await accounts.prefer(person, theme=data.theme or None, language=data.language or None, sounds=sounds)
    response = pages.go(pages.local_path(data.next))
    for name, value in (("theme", data.theme), ("language", data.language), ("frames", data.frames)):
        if value:
            response.set_cookie(
                name,
                value,
                max_age=pages.COOKIE_LIFETIME,
                httponly=True,
                samesite="Lax",
                secure=parts().settings.is_secure,
            )
    return response
