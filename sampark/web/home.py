"""The first page: one's rooms, and the forms to open and join one."""

from typing import Any

from quart import Blueprint, Response

from sampark.chat import rooms
from sampark.web import pages
from sampark.web.people import person

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
async def home() -> Response:
    return await show()


async def show(form: dict[str, str] | None = None, problem: Any = None, status: int = 200) -> Response:
    return await pages.page(
        "home", status, rooms=await rooms.mine(person()), current=None, form=form or {}, problem=problem
    )
