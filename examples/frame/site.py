"""Level 2, frame: a teacher puts the class room beside the timetable. No script on this page, and none is needed in the frame.

CHAT_URL and CHAT_ROOM say which room; whoever gives a nickname writes in it.
"""

import os
from collections.abc import Mapping

from quart import Quart, render_template


def create_site(environ: Mapping[str, str]) -> Quart:
    site = Quart(__name__)

    @site.get("/")
    async def page() -> str:
        return await render_template("page.html", chat=environ["CHAT_URL"], room=environ["CHAT_ROOM"])

    return site


if __name__ == "__main__":
    create_site(os.environ).run(host="localhost", port=int(os.environ.get("PORT", "8102")))
