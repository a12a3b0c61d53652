"""Files that somebody sends, looked at and made safe: what they are, whether they are clean, what others may see of them.

What cannot be read stays a plain download. Nothing is kept in here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from sampark.chat.blobs import Ready
from sampark.files import kinds, media, scan, stripping, waveform
from sampark.files.disk_work import in_thread
from sampark.files.disposition import clean_name
from sampark.files.problems import Busy, CannotRead
from sampark.files.storage import Incoming
from sampark.files.workshop import Workshop
from sampark.models.file import PICTURE
from sampark.models.message import VOICE
from sampark.text.language import N_
from sampark.text.problems import Invalid, TooLarge, Unavailable, WrongKind, about_file

log = structlog.get_logger()

LONGEST_VOICE = 300.0
_CARDS = {"pdf", "text"}
_TELLING = {"image/heic", "image/tiff"}
"""Pictures that say where they were taken, and that nothing here can draw anew."""
_TELLING_EXTENSIONS = {"heic", "tiff"}
_BUSY = N_("Too many files are being looked at just now. What you typed is still here: try again in a moment.")

Crop = tuple[float, float, float]
"""Left, top and side of a square, as parts of a picture's width, height and shorter side."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as somebody sent it: the name they gave it, and its bytes in a temporary file."""

    name: str
    incoming: Incoming
    field: str = "files"
    """Of the form: `files`, `voice` or `picture`."""


class Inspection:
    """`clamd`: the scanner's address; None trusts everyone. Sounds and videos have a workshop of their own: they take long."""

    def __init__(self, *, pictures: Workshop, sounds: Workshop, clamd: str | None = None) -> None:
        self._pictures = pictures
        self._sounds = sounds
        self._clamd = clamd

    async def close(self) -> None:
        await self._pictures.close()
        await self._sounds.close()

    async def kinds_of(self, sent: Sequence[Sent]) -> list[kinds.Kind]:
        """What each file of a message is. Errors: `Invalid`; `WrongKind`, which names all files that are of none that is taken."""
        found = []
        for at, one in enumerate(sent):
            with about_file(at):
                found.append(await self._kind(one))
        wrong = [at for at, kind in enumerate(found) if kind is None]
        if wrong:
            raise _wrong_kind(sent, wrong)
        return [kind for kind in found if kind]

    async def ready(self, sent: Sent, kind: kinds.Kind) -> Ready:
        """What to keep of a file for a message. Errors: `Invalid`, `WrongKind`, `TooLarge`, `Unavailable`."""
        await self._scan(sent)
        name = kinds.name_for(sent.name, kind)
        shown = {"name": name, "kind": kind.family, "size": sent.incoming.size}
        plain = Ready(name, kind.content_type, kind.family, sent.incoming, {}, shown)
        try:
            if sent.field == "voice":
                return await self._voice(sent, plain)
            if kind.family == "image":
                return await self._image(sent, plain)
            if kind.family in {"audio", "video"}:
                return await self._playable(sent, plain)
            if kind.family in _CARDS:
                return await self._card(sent, plain)
        except Busy:
            # Only what must be looked at waits for another time: a document is as good without its first lines.
            if kind.family == "image" or sent.field == "voice":
                raise Unavailable(_BUSY) from None
            return _as_download(plain)
        except CannotRead as fault:
            log.info("file_stays_plain", family=kind.family, reason=fault.reason)
            return await self._unread(sent, plain, kind)
        return plain

    async def face(self, sent: Sent, crop: Crop | None) -> Ready:
        """What to keep of a picture that shall show a person: a square in three sizes. Errors: as `ready`."""
        kind = await self._kind(sent)
        if kind is None or kind.family != "image":
            raise WrongKind(N_("A profile picture is a JPEG, PNG, GIF, WebP or AVIF file."), "picture")
        await self._scan(sent)
        x, y, side = crop or (None, None, None)
        try:
            made = await self._pictures.run("avatar", path=str(sent.incoming.path), x=x, y=y, side=side)
        except CannotRead:
            raise Invalid(
                N_("This picture cannot be read. Try another one, or save it anew as JPEG."), "picture"
            ) from None
        except Busy:
            raise Unavailable(_BUSY) from None
        largest = max(made.blobs, key=int)
        ready = Ready("picture.webp", "image/webp", PICTURE, made.blobs[largest], made.blobs, {})
        return ready

    async def _unread(self, sent: Sent, plain: Ready, kind: kinds.Kind) -> Ready:
        """It is only ever saved. But where a photograph was taken is not passed on with one that could not be drawn anew, either."""
        if kind.family != "image":
            return _as_download(plain)
        bare = None
        if kind.media_type not in _TELLING:
            bare = await in_thread(stripping.undrawn, sent.incoming.path, kind.media_type)
        if bare is None:
            tells = kind.media_type in _TELLING or await in_thread(stripping.tells, sent.incoming.path)
        else:
            tells = await in_thread(stripping.still_tells, bare)
        if tells:
            raise WrongKind(
                N_("“%(name)s” cannot be freed of the place where it was taken. Save it as JPEG or PNG, and send that."),
                sent.field, name=clean_name(sent.name),
            )  # fmt: skip
        if bare is None:
            return _as_download(plain)
        download = _as_download(plain)
        return Ready(download.name, download.media_type, "file", bare, {}, {**download.shown, "size": len(bare)})

    async def _kind(self, sent: Sent) -> kinds.Kind | None:
        """None for one that is not taken. Errors: `Invalid`."""
        try:
            return await in_thread(kinds.kind_of, sent.incoming.path, sent.name)
        except kinds.Empty:
            raise Invalid(N_("“%(name)s” is empty."), sent.field, name=clean_name(sent.name)) from None
        except kinds.NotAllowed:
            return None

    async def _scan(self, sent: Sent) -> None:
        if self._clamd is None:
            return
        name = clean_name(sent.name)
        try:
            verdict = await scan.scan(sent.incoming.path, self._clamd)
        except scan.TooLargeToScan:
            raise TooLarge(
                N_("“%(name)s” is too large to be checked for viruses here."), sent.field, name=name
            ) from None
        except scan.ScannerAway as fault:
            log.warning("scanner_away", reason=str(fault))
            raise Unavailable(
                N_(
                    "Files cannot be checked for viruses just now, so nothing was sent. What you typed is still here: try again later."
                )
            ) from None
        if isinstance(verdict, scan.Infected):
            raise Invalid(N_("“%(name)s” was not sent: the virus scanner knows it."), sent.field, name=name)

    async def _voice(self, sent: Sent, plain: Ready) -> Ready:
        try:
            facts = (await self._sounds.run("sound", path=str(sent.incoming.path), most_seconds=LONGEST_VOICE)).facts
        except CannotRead as fault:
            if fault.reason == "too-long":
                raise Invalid(N_("A voice message may last five minutes. Send this one as a file."), "voice") from None
            raise WrongKind(N_("This is no recording that can be played here. Send it as a file."), "voice") from None
        return _playing(plain, facts, VOICE)

    async def _image(self, sent: Sent, plain: Ready) -> Ready:
        made = await self._pictures.run("image", path=str(sent.incoming.path))
        facts, clean = made.facts, made.blobs.pop("clean")
        shown = {
            **plain.shown,
            "size": len(clean),
            **{name: facts[name] for name in ("width", "height", "colour", "sizes")},
            "is_animated": facts["frames"] > 1,
        }
        return Ready(plain.name, facts["media_type"], "image", clean, made.blobs, shown)

    async def _playable(self, sent: Sent, plain: Ready) -> Ready:
        found = await in_thread(media.read, sent.incoming.path)
        if found.is_audio_only:
            made = await self._sounds.run("sound", path=str(sent.incoming.path), most_seconds=24 * 3600.0, seconds=60.0)
            return _playing(plain, made.facts, "audio")
        made = await self._sounds.run("video", path=str(sent.incoming.path))
        width, height = made.facts["width"], made.facts["height"]
        shown = {**plain.shown, "width": width or 640, "height": height or 360, "has_poster": "poster" in made.blobs}
        return Ready(plain.name, plain.media_type, "video", sent.incoming, made.blobs, shown)

    async def _card(self, sent: Sent, plain: Ready) -> Ready:
        made = await self._pictures.run("preview", path=str(sent.incoming.path))
        shown = {**plain.shown, **{name: value for name, value in made.facts.items() if value}}
        return Ready(plain.name, plain.media_type, plain.family, sent.incoming, {}, shown)


def _wrong_kind(sent: Sequence[Sent], wrong: Sequence[int]) -> WrongKind:
    names = [clean_name(sent[at].name) for at in wrong]
    if len(names) > 1:
        sentence = N_("These are of kinds that are not accepted here, or not what their names say: %(names)s.")
    elif kinds.is_known(names[0]):
        sentence = N_("“%(name)s” is not what its name says, or it is damaged.")
    else:
        sentence = N_("“%(name)s” is of a kind that is not accepted here.")
    problem = WrongKind(
        sentence, sent[wrong[0]].field, name=names[0], names=", ".join(f"“{name}”" for name in names),
        kinds=", ".join(kind for group in kinds.ALLOWED.values() for kind in group if kind not in _TELLING_EXTENSIONS),
    )  # fmt: skip
    problem.files = wrong
    return problem


def _playing(plain: Ready, facts: dict[str, Any], kind: str) -> Ready:
    shown = {
        **plain.shown,
        "kind": kind,
        "duration": facts["duration"],
        "waveform": waveform.to_text(facts["waveform"]),
    }
    return Ready(plain.name, facts["media_type"], kind, plain.source, {}, shown)


def _as_download(plain: Ready) -> Ready:
    """What cannot be read is only ever saved."""
    return Ready(plain.name, "application/octet-stream", "file", plain.source, {}, {**plain.shown, "kind": "file"})
