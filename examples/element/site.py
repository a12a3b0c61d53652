"""Level 3, element: a shop has its help room in a corner. Who has signed in at the shop is the same person in the chat.

CHAT_URL and CHAT_ROOM say which room, SITE_URL what this site is called there, CHAT_SECRET is the room's key (HS256).
"""

import os
import secrets
import time
from collections.abc import Mapping

import jwt
from quart import Quart, Response, redirect, render_template, request, session

CUSTOMERS = {"c-1041": "Asha Verma", "c-2203": "Rohan Mehta"}


def create_site(environ: Mapping[str, str]) -> Quart:
    site = Quart(__name__)
    site.secret_key = secrets.token_hex()
    site.config["SESSION_COOKIE_NAME"] = "shop"

    @site.get("/")
    async def page() -> str:
        return await render_template(
            "page.html",
            chat=environ["CHAT_URL"],
            room=environ["CHAT_ROOM"],
            customers=CUSTOMERS,
            me=CUSTOMERS.get(session.get("customer", "")),
        )

    @site.post("/sign-in")
    async def sign_in() -> Response:
        session["customer"] = (await request.form).get("customer", "")
        return redirect("/")

    @site.get("/chat-token")
    async def chat_token() -> Response:
        """Who is looking, for the chat: asked by the element when the room opens. 204: nobody has signed in."""
        customer = session.get("customer", "")
        if customer not in CUSTOMERS:
            return Response("", 204)
        now = int(time.time())
        token = jwt.encode(
            {
                "iss": environ["SITE_URL"],
                "aud": environ["CHAT_URL"],
                "room": environ["CHAT_ROOM"],
                "sub": customer,
                "name": CUSTOMERS[customer],
                "iat": now,
                "exp": now + 60,
                "jti": secrets.token_urlsafe(16),
            },
            environ["CHAT_SECRET"],
            algorithm="HS256",
        )
        return Response(token, content_type="application/jwt", headers={"Cache-Control": "no-store"})

    return site


if __name__ == "__main__":
    create_site(os.environ).run(host="localhost", port=int(os.environ.get("PORT", "8103")))
