"""The only place where all parts meet."""

import asyncio
from typing import TYPE_CHECKING, Any, cast

from hypercorn.middleware import ProxyFixMiddleware
from quart import Quart, Response, request
from quart_schema import QuartSchema
from werkzeug.exceptions import RequestTimeout, UnsupportedMediaType

from sampark import db, logs
from sampark.chat import rooms as deletions
from sampark.chat.attachments import Attachments
from sampark.chat.inspection import Inspection
from sampark.chat.quotas import Quotas
from sampark.files.storage import open_store
from sampark.files.workshop import Workshop
from sampark.fragments import Fragments
from sampark.gifs.library import Library
from sampark.gifs.search import Finder, configured
from sampark.live import tasks
from sampark.live.doorbell import Doorbell, LocalDoorbell
from sampark.live.hub import Hub
from sampark.live.leases import Leases, LocalLeases, RedisLeases
from sampark.metrics import Metrics
from sampark.settings import Settings, SettingsError
from sampark.web import (
    cards,
    compose,
    compression,
    cors,
    csrf,
    embed_account,
    embed_entry,
    embed_feed,
    embed_leave,
    embed_page,
    embed_script,
    embed_settings,
    embed_stream,
    embed_token,
    embedding,
    emoji,
    errors,
    files,
    framing,
    gifs,
    headers,
    health,
    hints,
    home,
    install,
    invite,
    kept,
    keys,
    limits,
    members,
    messages,
    metrics,
    muting,
    oembed,
    pages,
    people,
    preferences,
    profile,
    register,
    rooms,
    share,
    sign_in,
    static,
    stream,
    styleguide,
    typing,
    uploads,
)
from sampark.web.body import CountedRequest
from sampark.web.parts import Parts
from sampark.web.whole import WholeRequests

if TYPE_CHECKING:
    from redis.asyncio import Redis

LARGEST_BODY = 1024 * 1024
"""Bytes. Ten thousand characters of any script, percent-encoded, take a tenth of it."""

BLUEPRINTS = (
    health,
    home,
    keys,
    register,
    sign_in,
    profile,
    preferences,
    rooms,
    invite,
    hints,
    messages,
    compose,
    files,
    gifs,
    emoji,
    typing,
    members,
    stream,
    static,
    metrics,
    muting,
    install,
    share,
    embedding,
    embed_settings,
    embed_account,
    embed_leave,
    embed_feed,
    embed_script,
    oembed,
)
_ROUTES_OF_FRAMES = (embed_page, embed_stream, embed_entry, embed_token)
"""They stand on the blueprint of `embedding`."""


def create_app(settings: Settings) -> Quart:
    """The ASGI application. It opens the database when it starts to serve, and closes it when it stops."""
    logs.configure()
    app = WholeRequests("sampark", static_folder=None, template_folder=None)
    app.request_class = CountedRequest
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        LARGEST_UPLOAD=uploads.largest(settings),
        MAX_FORM_PARTS=100,
        PROPAGATE_EXCEPTIONS=False,
    )
    QuartSchema(app, openapi_path=None, swagger_ui_path=None, redoc_ui_path=None, scalar_ui_path=None)
    parts = put_together(settings)
    app.extensions["sampark"] = parts
    metrics.set_up(app, parts.metrics)
    people.set_up(app, settings)
    errors.set_up(app)
    _guard(app, settings)
    headers.set_up(app, is_secure=settings.is_secure, media=_media_origins(parts))
    cors.set_up(app)
    compression.set_up(app, is_secure=settings.is_secure)
    for part in BLUEPRINTS:
        app.register_blueprint(part.blueprint)
    if settings.debug:
        app.register_blueprint(styleguide.blueprint)
    _live_and_die(app, parts)
    if settings.trusted_hops:
        app.asgi_app = ProxyFixMiddleware(app.asgi_app, "legacy", settings.trusted_hops)  # type: ignore[method-assign]
    return app


def put_together(settings: Settings) -> Parts:
    """Everything a handler needs, for one process or for one of many."""
    measured = Metrics()
    redis = _redis(settings.redis_url) if settings.redis_url else None
    bell = _bell(redis, measured)
    leases: Leases = RedisLeases(redis) if redis else LocalLeases()
    store: limits.Store = limits.RedisStore(redis) if redis else limits.LocalStore()
    fragments = Fragments()
    shipped = static.Static(db.assets("static"))
    fragments.globals(static=shipped.url, max_upload_mb=settings.max_upload_mb)
    return Parts(
        settings,
        fragments,
        Hub(fragments, bell, leases, measured),
        limits.Limits(store, settings.rates, settings.rate_scale, measured.refused),
        shipped,
        measured,
        redis,
        attachments_for(settings),
        Finder(Library(settings.data_dir / "gifs"), configured(settings.giphy_api_key, settings.klipy_api_key)),
    )


def attachments_for(settings: Settings) -> Attachments:
    """Where files come in and are kept; who asks for it closes it."""
    try:
        storage = open_store(settings.storage_url, settings.data_dir)
    except ValueError as error:
        raise SettingsError(f"SAMPARK_STORAGE_URL cannot be used: {error}") from None
    return Attachments(
        storage,
        Inspection(pictures=Workshop(2), sounds=Workshop(1), clamd=settings.clamd_url),
        Quotas(settings.room_quota_mb * 1_000_000, settings.quota_mb * 1_000_000),
    )


def _redis(url: str) -> "Redis":
    from redis.asyncio import Redis  # here: a single process has no use for its many megabytes

    return Redis.from_url(url, socket_timeout=5)


def _bell(redis: "Redis | None", measured: Metrics) -> Doorbell:
    if redis is None:
        return LocalDoorbell()
    from sampark.live.redis_doorbell import RedisDoorbell

    return RedisDoorbell(redis, measured.ring_lag)


def _media_origins(parts: Parts) -> list[str]:
    """Other origins that pictures and sounds may come from: only those that the operator has chosen."""
    signed = parts.attachments.store.signed_origin if parts.settings.storage_redirect else None
    return [*parts.gifs.media_origins, *([signed] if signed else [])]


def _guard(app: Quart, settings: Settings) -> None:
    @app.before_request
    async def guard() -> Any:
        if not people.needs_person() and request.endpoint in _BARE:
            return None
        if framing.is_embedded():
            await embedding.enter((request.view_args or {})["room"])
        person = await people.person_or_none()
        if cast(CountedRequest, request).is_late:
            raise RequestTimeout
        if request.method == "POST" and uploads.may_bring_files(request.path, request.mimetype):
            if person is None and people.needs_person():
                return await _sign_in_first()  # before any file is read
            uploads.allow(cast(CountedRequest, request))
        await csrf.check(settings.secret_key, settings.public_url)
        if person is None and people.needs_person():
            return await cards.card() or await _sign_in_first()
        has_body = request.content_length or "Transfer-Encoding" in request.headers
        if has_body and request.mimetype not in _FORMS:
            raise UnsupportedMediaType
        return None


async def _sign_in_first() -> Response:
    words = await kept.words()
    people.forget_session()
    if words is None:
        return await _way_in()
    problem = words.problem()
    if not words.fit:
        return await errors.answer(401, problem, words=words.text)  # no redirect: it would lose them
    if framing.is_framed():
        response = await errors.answer(401, problem)
    else:
        await pages.tell(problem.sentence)
        response = await _way_in()
    words.keep(response)
    return response


async def _way_in() -> Response:
    if not pages.wants_no_redirect() and not framing.is_framed():
        return pages.go(pages.way_to_sign_in())
    response = await errors.answer(401)
    if pages.wants_no_redirect():
        response.headers["HX-Redirect"] = pages.way_to_sign_in()
    return response


_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}

_BARE = {
    "health.live",
    "health.ready",
    "static_files.file",
    "static_files.favicon",
    "metrics.metrics",
    "install.manifest",
    "install.offline",
    "embed_script.script",
    "embed_script.htmx",
}
"""Endpoints that ask for nobody, so that they cost no query and answer while the database is away."""


def _live_and_die(app: WholeRequests, parts: Parts) -> None:
    jobs: list[asyncio.Task[None]] = []

    @app.before_serving
    async def start() -> None:
        asyncio.get_running_loop().set_exception_handler(logs.forgotten)
        await db.open_database(parts.settings)
        await parts.hub.start()
        jobs.append(asyncio.create_task(deletions.finish_deletions(parts.attachments.clear)))
        parts.attachments.start()

    @app.after_serving
    async def stop() -> None:
        await app.finish_begun()
        await tasks.end(jobs)
        await parts.hub.stop()
        await parts.attachments.close()
        await parts.gifs.close()
        await db.close_database()
        if parts.redis is not None:
            await parts.redis.aclose()
