"""Who may send which files: the fields that take them, and how much room there is."""

import re
from collections.abc import Sequence

from quart import request

from sampark import access
from sampark.chat.inspection import Sent
from sampark.settings import Settings
from sampark.text.language import N_
from sampark.text.problems import Invalid
from sampark.web.body import CountedRequest
from sampark.web.multipart import MEGABYTE, MOST_FILES, MOST_TEXT, Allowance, Upload, files_of
from sampark.web.parts import parts
from sampark.web.people import person

MOST_VOICE_MB = 5
MOST_PICTURE_MB = 10

_TO_A_ROOM = re.compile(r"/rooms/[^/]+/(?:messages|compose)")
_OF_A_PERSON = "/profile"
_SHARED = "/share"
"""Its files are refused, but what was typed stands before them."""


def may_bring_files(path: str, mimetype: str) -> bool:
    """Whether a form to this address may be larger than others."""
    return mimetype == "multipart/form-data" and (
        path in {_OF_A_PERSON, _SHARED} or _TO_A_ROOM.fullmatch(path) is not None
    )


def largest(settings: Settings) -> int:
    """Bytes of a form with all the files that it may hold."""
    return (MOST_FILES * settings.max_upload_mb + MOST_VOICE_MB + 1) * MEGABYTE + MOST_TEXT


def allow(asked: CountedRequest) -> None:
    """Say to a request, whose route is known, what files it may bring. Nothing of its body is read yet."""
    files = parts().settings.max_upload_mb * MEGABYTE
    own: dict[str, dict[str, int]] = {_OF_A_PERSON: {"picture": MOST_PICTURE_MB * MEGABYTE}, _SHARED: {}}
    most = own.get(asked.path, {"files": files, "voice": min(MOST_VOICE_MB * MEGABYTE, files)})
    asked.allowance = Allowance(parts().attachments.store, most, _admit)


async def _admit() -> int | None:
    """Errors: `NotFound` for whoever is not in the room, `TooMany`."""
    room = (request.view_args or {}).get("room")
    here = await access.room_for(person(), room) if room else None
    await parts().limits.spend("upload", str(person().id))
    return await parts().attachments.quotas.left(here.id if here else None)


async def sent() -> list[Sent]:
    """The files that came with a message, a voice message last. Errors: `Invalid`."""
    found = dict(files_of(await request.files).lists())
    voices: Sequence[Upload] = found.get("voice", [])
    if len(voices) > 1 or (voices and found.get("files")):
        raise Invalid(N_("A voice message goes by itself. Send the files in another message."), "voice")
    return [Sent(upload.name, upload.incoming) for upload in found.get("files", [])] + [
        Sent(upload.name, upload.incoming, "voice") for upload in voices
    ]


async def picture() -> Sent | None:
    """The picture that came with a profile."""
    upload = (await request.files).get("picture")
    return Sent(upload.name, upload.incoming, "picture") if isinstance(upload, Upload) else None
