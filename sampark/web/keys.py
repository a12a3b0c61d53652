"""The keys of the keyboard: a page, or for htmx the sheet that a dialog shows."""

from quart import Blueprint, Response

from sampark.web import pages
from sampark.web.people import public

blueprint = Blueprint("keys", __name__)


@blueprint.get("/keys")
@public
async def keys() -> Response:
    return await pages.page("keys", option="⌥" if pages.has_command_key() else "Alt")
