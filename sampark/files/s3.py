"""Blobs in an S3-compatible bucket, by obstore. The bucket stays private: bytes go through the application or by signed URL.

    s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-west-1&path_style=1&public_endpoint=https://files.example.org

All but the bucket may be left out. Without `endpoint` it is Amazon's; with one, `path_style=0` puts the bucket into the host's
name. `region` is otherwise AWS_REGION, AWS_DEFAULT_REGION or us-east-1. `public_endpoint` is where browsers reach the bucket,
when that is elsewhere. Credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if there is one, AWS_SESSION_TOKEN.

An upload that is cut off when the process is killed leaves parts that no list of blobs shows: the bucket should have a lifecycle
rule that aborts incomplete multipart uploads.
"""

import asyncio
import contextlib
import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from sampark.files.disk_work import PIECE
from sampark.files.storage import Incoming, Missing, StorageAway, StorageFull, Store, checked, is_key

if TYPE_CHECKING:
    from obstore.store import S3Store

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_PARAMETERS = {"endpoint", "region", "path_style", "public_endpoint"}
_PART = 5 * 1024 * 1024
"""Bytes: the smallest part that S3 takes."""
_UPLOADS = 4
"""Files sent to the bucket at a time, each part by part: measured, ten uploads of 50 MB grow the memory by 35 to 65 MB."""
_LONGEST = 7 * 24 * 3600
"""Seconds that a signed URL can hold at most (SigV4)."""
_PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where it is and who we are to it. `address` and `public_address` are URLs of the bucket; `prefix` is empty or ends in `/`."""

    address: str
    public_address: str
    prefix: str
    region: str
    access_key: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def read_url(url: str, environ: Mapping[str, str]) -> Bucket:
    """The bucket of a URL as this module's text describes it. Errors: `ValueError`, one sentence that says what is wrong."""
    try:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError("this cannot be read as a URL: give s3://bucket?endpoint=https://…&region=….") from None
    if parts.scheme != "s3" or not _BUCKET.fullmatch(parts.netloc):
        raise ValueError("the bucket's name is 3 to 63 lower-case letters, digits, dots and dashes: s3://bucket?….")
    for name in sorted(asked.keys() - _PARAMETERS):
        raise ValueError(
            f"there is no parameter {name[:40]!r}: known are endpoint, region, path_style, public_endpoint."
        )
    prefix = f"{parts.path.strip('/')}/".lstrip("/")
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("the path after the bucket holds only letters, digits, dots, dashes and slashes.")
    region = asked.get("region") or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-east-1"
    if not _REGION.fullmatch(region):
        raise ValueError(f"region={region[:40]!r} is none: give one such as eu-west-1.")
    own = asked.get("endpoint") or f"https://s3.{region}.amazonaws.com"
    # A certificate for *.s3.… does not cover a bucket with dots in its name.
    usual = "1" if asked.get("endpoint") or "." in parts.netloc else "0"
    style = asked.get("path_style") or usual
    if style not in {"0", "1"}:
        raise ValueError(f"path_style={style[:40]!r} is neither 1 (host/bucket) nor 0 (bucket.host).")
    address = _address("endpoint", own, parts.netloc, style)
    public = _address("public_endpoint", asked.get("public_endpoint") or own, parts.netloc, style)
    access_key, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if not access_key or not secret:
        raise ValueError("the bucket needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.")
    return Bucket(address, public, prefix, region, access_key, secret, environ.get("AWS_SESSION_TOKEN") or None)


def _address(name: str, endpoint: str, bucket: str, style: str) -> str:
    parts = _split(endpoint)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        parts = None
    if parts is None or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{name} is only scheme and host, such as https://s3.example.org.")
    # As browsers and signatures write a host: the usual port is left out.
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    host = parts.netloc.lower().removesuffix(usual)
    return f"{parts.scheme}://{host}/{bucket}/" if style == "1" else f"{parts.scheme}://{bucket}.{host}/"


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def open_bucket(url: str, incoming: Path, environ: Mapping[str, str]) -> "BucketStore":
    """Errors: `ValueError` when the URL is wrong or obstore is not installed."""
    bucket = read_url(url, environ)
    try:
        import obstore  # noqa: F401
    except ImportError:
        raise ValueError("files in a bucket need one more package: pip install sampark-setu[s3]") from None
    return BucketStore(bucket, incoming)


class BucketStore(Store):
    def __init__(self, bucket: Bucket, incoming: Path) -> None:
        super().__init__(incoming)
        parts = urlsplit(bucket.public_address)
        self.signed_origin = f"{parts.scheme}://{parts.netloc}"
        self._bucket = bucket
        self._client = _client(bucket)
        self._uploads = asyncio.Semaphore(_UPLOADS)

    async def _store(self, source: Incoming, key: str) -> None:
        import obstore

        async with self._uploads:
            with _bucket_faults():
                await obstore.put_async(self._client, key, source.path, chunk_size=_PART, max_concurrency=1)

    async def open(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        import obstore

        checked(key)
        if start < 0 or (end is not None and end < start):
            raise StorageAway(f"there are no bytes {start} to {end}")
        if start == end:
            size = await self.size(key)
            if size is None:
                raise Missing(key)
            return _pieces(None, 0)
        wish: Any = (start, end) if end is not None else {"offset": start} if start else None
        with _bucket_faults():
            try:
                answer = await obstore.get_async(self._client, key, options={"range": wish} if wish else {})
            except FileNotFoundError:
                raise Missing(key) from None
        first, stop = answer.range
        if end is not None and stop != end:
            raise StorageAway(f"bytes {start} to {end} were asked of a blob of {stop}")
        return _pieces(answer.stream(PIECE // 2), stop - first)

    async def size(self, key: str) -> int | None:
        import obstore

        checked(key)
        with _bucket_faults():
            try:
                return (await obstore.head_async(self._client, key))["size"]
            except FileNotFoundError:
                return None

    async def delete(self, key: str) -> None:
        import obstore

        checked(key)
        with _bucket_faults(), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._client, key)

    async def keys(self) -> AsyncIterator[tuple[str, datetime]]:
        import obstore

        with _bucket_faults():
            async for page in obstore.list(self._client, chunk_size=1000):
                for blob in page:
                    if is_key(blob["path"]):
                        yield blob["path"], blob["last_modified"]

    async def signed_url(self, key: str, *, seconds: int, disposition: str, content_type: str) -> str:
        answer = {"response-content-disposition": disposition, "response-content-type": content_type}
        return presigned(self._bucket, checked(key), answer, seconds, datetime.now(UTC))

    async def check(self) -> None:
        """The folder for temporary files is tried, too."""
        import obstore

        async with self.incoming():
            pass
        try:
            async with asyncio.timeout(5):
                with _bucket_faults():
                    async for _page in obstore.list(self._client, chunk_size=1):
                        break
        except TimeoutError:
            raise StorageAway("the bucket does not answer within 5 seconds") from None


def _client(bucket: Bucket) -> "S3Store":
    from obstore.store import S3Store

    return S3Store(
        "bucket",  # its name stands in the endpoint already: one way to build an address, for requests and for signed URLs
        prefix=bucket.prefix or None,
        config={
            "endpoint": bucket.address.rstrip("/"), "aws_endpoint_url_s3": bucket.address.rstrip("/"),
            "region": bucket.region, "virtual_hosted_style_request": True, "disable_bulk_delete": True,
            "access_key_id": bucket.access_key, "secret_access_key": bucket.secret,
            **({"session_token": bucket.token} if bucket.token else {}),
        },
        # A transfer may take long, as slow as its reader; silence may not.
        client_options={
            "allow_http": bucket.address.startswith("http:"), "timeout": timedelta(hours=12),
            "connect_timeout": timedelta(seconds=5), "read_timeout": timedelta(seconds=60),
        },
        retry_config={"max_retries": 3, "retry_timeout": _PATIENCE},
    )  # fmt: skip


async def _pieces(stream: Any, count: int) -> AsyncIterator[bytes]:
    with _bucket_faults():
        while count > 0:
            try:
                piece = bytes(await anext(stream))
            except StopAsyncIteration:
                raise StorageAway("the bucket sent less than it has") from None
            count -= len(piece)
            yield piece


@contextlib.contextmanager
def _bucket_faults() -> Iterator[None]:
    """What obstore says, without the answer's text: that may hold the key's name and what was signed."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise StorageAway("there is no such bucket") from None
    except BaseError as fault:
        text = str(fault)
    else:
        return
    # A list that fails is a GenericError whatever the reason (obstore 0.12): the status tells.
    if re.search("status code: 40[13]", text):
        raise StorageAway(
            "the bucket refuses us: check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, region and its policy"
        ) from None
    if "<Code>NoSuchBucket<" in text:
        raise StorageAway("there is no such bucket") from None
    if re.search("status code: 507|<Code>[A-Za-z]*(?:StorageFull|QuotaExceeded)<", text):
        raise StorageFull("the bucket is full") from None
    status = re.search(r"status code: (\d{3})", text)
    raise StorageAway(
        f"the bucket answers with status {status[1]}" if status else "the bucket cannot be reached"
    ) from None


def presigned(bucket: Bucket, key: str, parameters: Mapping[str, str], seconds: int, now: datetime) -> str:
    """A URL that GETs one blob for so many seconds from `now` (UTC), with `parameters` of GetObject such as
    `response-content-type`: Signature Version 4 in the query, "Authenticating Requests: Using Query Parameters" of the S3
    reference. Written here because obstore signs without parameters.
    """
    if not 0 < seconds <= _LONGEST:
        raise ValueError(f"a signed URL holds 1 to {_LONGEST} seconds")
    parts = urlsplit(bucket.public_address)
    path = quote(f"{parts.path}{bucket.prefix}{key}", safe="/-_.~")
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{bucket.region}/s3/aws4_request"
    given = {
        **parameters, "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{bucket.access_key}/{scope}",
        "X-Amz-Date": moment, "X-Amz-Expires": str(seconds), "X-Amz-SignedHeaders": "host",
        **({"X-Amz-Security-Token": bucket.token} if bucket.token else {}),
    }  # fmt: skip
    query = "&".join(f"{name}={value}" for name, value in sorted((_encoded(n), _encoded(v)) for n, v in given.items()))
    request = f"GET\n{path}\n{query}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signing = f"AWS4{bucket.secret}".encode()
    for step in scope.split("/"):
        signing = hmac.digest(signing, step.encode(), "sha256")
    signature = hmac.digest(signing, text.encode(), "sha256").hex()
    return f"{parts.scheme}://{parts.netloc}{path}?{query}&X-Amz-Signature={signature}"


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")
