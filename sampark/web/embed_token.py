"""A token to read with, for the own htmx of a site's pages: short, and good for nothing else."""

import datetime
import json
import time

import structlog
from quart import Response, request

from sampark import embed_access
from sampark.text.problems import Forbidden, NotFound
from sampark.text.vouching import Refused
from sampark.web import embed_entry, embedding, errors, pages, people
from sampark.web.embed_entry import Token
from sampark.web.embedding import blueprint, here
from sampark.web.forms import form
from sampark.web.parts import parts

log = structlog.get_logger()

STAYS = datetime.timedelta(hours=1)
"""How long a stream that was opened with it may go on; the page asks for a new one long before."""


@blueprint.post("/token")
@form(Token)
async def give_token(room: str, data: Token) -> Response:
    """For a signed token of a listed site, from its page or from its server. What is wrong with one is for its developer to read."""
    found = here()
    listed = found.embed.origin_of(request.headers.get("Origin"))
    if listed is None:
        raise NotFound
    await parts().limits.spend("vouch", people.address())
    site = found.embed.origins[listed]
    try:
        session = await embed_entry.vouched_for(data.token, site, STAYS)
    except (Refused, Forbidden) as problem:
        log.warning("token_refused", site=site, reason=problem.sentence)
        return Response(pages.say(problem), errors.status_of(problem), content_type="text/plain; charset=utf-8")
    visitor = await embed_access.embedded_for(session, found.embed)
    if visitor is None:
        raise NotFound
    expires = int(time.time()) + embedding.READS_FOR
    said = {"token": embedding.signed_reader(visitor.person.session_id, expires), "expires_in": embedding.READS_FOR}
    return Response(json.dumps(said), content_type="application/json")
