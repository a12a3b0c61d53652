"""What only a bucket has: its URL, credentials that are refused, signed URLs."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, parse_qsl, urlsplit

import boto3
import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from sampark.files.s3 import Bucket, presigned, read_url
from sampark.files.storage import StorageAway, StorageFull, open_store
from tests.files.bucket_server import BucketServer, running_bucket

KEY = "0123456789abcdef" * 4
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
NOW = datetime.datetime(2026, 11, 22, 7, 8, 9, tzinfo=datetime.UTC)
URLS = [
    "s3://files?endpoint=http://127.0.0.1:9000",
    "s3://files/some/where?endpoint=http://127.0.0.1:9000&region=eu-west-1&path_style=1",
    "s3://files?endpoint=https://s3.example.org:443&path_style=0",
    "s3://files?region=eu-central-1",
    "s3://files.example.org/chat?region=eu-central-1",
]


@pytest.fixture(scope="module")
def bucket() -> Iterator[BucketServer]:
    with running_bucket() as server:
        yield server


@pytest.mark.parametrize(
    ("url", "address", "prefix"),
    [
        ("s3://files", "https://files.s3.us-east-1.amazonaws.com/", ""),
        ("s3://files?region=eu-west-1", "https://files.s3.eu-west-1.amazonaws.com/", ""),
        ("s3://files.org?region=eu-west-1", "https://s3.eu-west-1.amazonaws.com/files.org/", ""),
        ("s3://files/a/b/", "https://files.s3.us-east-1.amazonaws.com/", "a/b/"),
        ("s3://files?endpoint=http://minio:9000", "http://minio:9000/files/", ""),
        ("s3://files?endpoint=http://minio:9000/&path_style=0", "http://files.minio:9000/", ""),
        ("s3://files?endpoint=https%3A%2F%2FS3.Example.org%3A443&path_style=1", "https://s3.example.org/files/", ""),
        ("s3://files?endpoint=http://[::1]:9000", "http://[::1]:9000/files/", ""),
    ],
)
def test_a_url_says_where_the_bucket_is(url: str, address: str, prefix: str) -> None:
    bucket = read_url(url, KEYS)
    assert (bucket.address, bucket.prefix) == (address, prefix)
    assert bucket.public_address == address


def test_browsers_may_reach_it_elsewhere(tmp_path: Path) -> None:
    url = "s3://files?endpoint=http://minio:9000&public_endpoint=https://files.example.org"
    bucket = read_url(url, KEYS)
    assert (bucket.address, bucket.public_address) == ("http://minio:9000/files/", "https://files.example.org/files/")
    assert open_store(url, tmp_path, KEYS).signed_origin == "https://files.example.org"


def test_the_region_may_come_from_the_environment() -> None:
    assert read_url("s3://files", {**KEYS, "AWS_REGION": "ap-south-1"}).region == "ap-south-1"
    assert read_url("s3://files", {**KEYS, "AWS_DEFAULT_REGION": "ap-south-2"}).region == "ap-south-2"
    assert read_url("s3://files?region=eu-west-1", {**KEYS, "AWS_REGION": "ap-south-1"}).region == "eu-west-1"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("/srv/files", "give s3://"),
        ("http://files", "give s3://"),
        ("s3:files", "give s3://"),
        ("s3://", "bucket's name"),
        ("s3://F", "bucket's name"),
        ("s3://user:secret@files", "bucket's name"),
        ("s3://files:9000", "bucket's name"),
        ("s3://files/../other", "path after"),
        ("s3://files/a b", "path after"),
        ("s3://files/a//b", "path after"),
        ("s3://files?endpiont=http://a", "endpiont"),
        ("s3://files?endpoint", "cannot be read"),
        ("s3://files?endpoint=minio:9000", "endpoint is only"),
        ("s3://files?endpoint=ftp://minio", "endpoint is only"),
        ("s3://files?endpoint=http://minio/files", "endpoint is only"),
        ("s3://files?endpoint=http://a:b@minio", "endpoint is only"),
        ("s3://files?endpoint=http://minio:99999", "endpoint is only"),
        ("s3://files?endpoint=http://[::1", "endpoint is only"),
        ("s3://files?public_endpoint=minio", "public_endpoint is only"),
        ("s3://files?region=Europe", "region="),
        ("s3://files?path_style=yes", "path_style="),
    ],
)
def test_a_wrong_url_is_told_in_one_sentence(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as fault:
        open_store(url, tmp_path, KEYS)
    assert "\n" not in str(fault.value)
    assert str(fault.value).endswith(".")
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize("name", KEYS)
def test_credentials_are_needed(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="AWS_SECRET_ACCESS_KEY"):
        open_store("s3://files", tmp_path, {**KEYS, name: ""})


def test_the_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(ValueError, match=r"pip install sampark-setu\[s3\]"):
        open_store("s3://files", tmp_path, KEYS)


def test_secrets_are_not_shown() -> None:
    shown = repr(read_url("s3://files", {**KEYS, "AWS_SESSION_TOKEN": "tokentoken"}))
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in shown
    assert "tokentoken" not in shown


async def test_wrong_credentials_are_refused_and_told(bucket: BucketServer, tmp_path: Path) -> None:
    right = open_store(bucket.url("w"), tmp_path, bucket.environ)
    await right.put(f"{KEY}-a", b"a")
    for wrong in ({"AWS_SECRET_ACCESS_KEY": "wrong"}, {"AWS_ACCESS_KEY_ID": "AKIAWRONG"}):
        store = open_store(bucket.url("w"), tmp_path, {**bucket.environ, **wrong})
        for attempt in (
            store.check(),
            store.put(f"{KEY}-b", b"b"),
            store.open(f"{KEY}-a"),
            store.size(f"{KEY}-a"),
            store.delete(f"{KEY}-a"),
        ):
            with pytest.raises(StorageAway, match="refuses us") as fault:
                await attempt
            assert KEY not in str(fault.value)
            assert bucket.secret not in str(fault.value)
    assert await right.size(f"{KEY}-a") == 1
    assert await right.size(f"{KEY}-b") is None


async def test_a_bucket_that_is_not_there_is_told(bucket: BucketServer, tmp_path: Path) -> None:
    store = open_store(bucket.url().replace(bucket.bucket, "nowhere"), tmp_path, bucket.environ)
    for attempt in (store.check(), store.put(f"{KEY}-a", b"a")):
        with pytest.raises(StorageAway, match="no such bucket"):
            await attempt


async def test_a_server_that_is_away_is_told_soon(tmp_path: Path) -> None:
    store = open_store("s3://files?endpoint=http://127.0.0.1:1", tmp_path, KEYS)
    began = time.monotonic()
    for attempt in (
        store.check(),
        store.put(f"{KEY}-a", b"a"),
        store.open(f"{KEY}-a"),
        store.size(f"{KEY}-a"),
        store.delete(f"{KEY}-a"),
    ):
        with pytest.raises(StorageAway, match=r"reached|answer"):
            await attempt
    assert time.monotonic() - began < 60, "and not after minutes"


async def test_a_full_bucket_is_told(bucket: BucketServer, tmp_path: Path) -> None:
    import obstore

    fault = obstore.exceptions.GenericError("status code: 507 Insufficient Storage: <Code>XMinioStorageFull</Code>")
    store = open_store(bucket.url(), tmp_path, bucket.environ)
    with mock.patch("obstore.put_async", side_effect=fault), pytest.raises(StorageFull):
        await store.put(f"{KEY}-a", b"a")


async def test_prefixes_are_apart(bucket: BucketServer, tmp_path: Path) -> None:
    one, other = (open_store(bucket.url(name), tmp_path, bucket.environ) for name in ("one", "one-more"))
    await one.put(f"{KEY}-a", b"a")
    assert await other.size(f"{KEY}-a") is None
    assert [key async for key, _ in other.keys()] == []  # noqa: SIM118
    assert [key async for key, _ in one.keys()] == [f"{KEY}-a"]  # noqa: SIM118


def botocores(bucket: Bucket, parameters: dict[str, str], seconds: int) -> str:
    """What botocore's signer makes of the same request at the same moment."""
    url = f"{bucket.public_address}{bucket.prefix}{KEY}"
    request = AWSRequest("GET", url, params=parameters)
    signer = botocore.auth.S3SigV4QueryAuth(
        Credentials(bucket.access_key, bucket.secret, bucket.token), "s3", bucket.region, seconds
    )
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        signer.add_auth(request)
    return str(request.prepare().url)


@pytest.mark.parametrize("token", [None, "a/session+token=="])
@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize(
    "disposition",
    [
        "inline",
        'attachment; filename="a b.txt"',
        "attachment; filename=\"_.png\"; filename*=UTF-8''%E0%A4%A8%20~%27+&=.png",
    ],
)
def test_signed_urls_are_botocores(url: str, disposition: str, token: str | None) -> None:
    bucket = read_url(url, {**KEYS, "AWS_SESSION_TOKEN": token or ""})
    parameters = {"response-content-disposition": disposition, "response-content-type": "text/plain; charset=utf-8"}
    ours, theirs = presigned(bucket, KEY, parameters, 60, NOW), botocores(bucket, parameters, 60)
    assert ours.partition("?")[0] == theirs.partition("?")[0]
    assert dict(parse_qsl(urlsplit(ours).query)) == dict(parse_qsl(urlsplit(theirs).query))


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60), st.integers(1, 604_800))
def test_signed_urls_are_botocores_whatever_the_name(disposition: str, seconds: int) -> None:
    bucket = read_url(URLS[1], KEYS)
    parameters = {"response-content-disposition": disposition}
    ours, theirs = presigned(bucket, KEY, parameters, seconds, NOW), botocores(bucket, parameters, seconds)
    assert parse_qs(urlsplit(ours).query)["X-Amz-Signature"] == parse_qs(urlsplit(theirs).query)["X-Amz-Signature"]


def test_a_signed_url_is_the_one_that_boto3_gives() -> None:
    client = boto3.client(
        "s3", endpoint_url="http://127.0.0.1:9000", region_name="eu-west-1", aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"], config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )  # fmt: skip
    wish = {
        "Bucket": "files",
        "Key": f"some/where/{KEY}",
        "ResponseContentDisposition": "attachment",
        "ResponseContentType": "image/png",
    }
    with mock.patch("botocore.auth.get_current_datetime", return_value=NOW.replace(tzinfo=None)):
        theirs = client.generate_presigned_url("get_object", Params=wish, ExpiresIn=60)
    answer = {"response-content-disposition": "attachment", "response-content-type": "image/png"}
    ours = presigned(read_url(URLS[1], KEYS), KEY, answer, 60, NOW)
    assert dict(parse_qsl(urlsplit(ours).query)) == dict(parse_qsl(urlsplit(theirs).query))
    assert ours.partition("?")[0] == theirs.partition("?")[0]


async def test_the_store_signs_for_a_short_time(tmp_path: Path) -> None:
    store = open_store(URLS[1], tmp_path, KEYS)
    url = await store.signed_url(KEY, seconds=60, disposition="attachment", content_type="image/png")
    assert url is not None
    asked = dict(parse_qsl(urlsplit(url).query))
    assert (asked["X-Amz-Expires"], asked["X-Amz-SignedHeaders"]) == ("60", "host")
    moment = datetime.datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)
    assert abs((moment - datetime.datetime.now(datetime.UTC)).total_seconds()) < 60
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in url
    for seconds in (0, -1, 604_801):
        with pytest.raises(ValueError, match="seconds"):
            await store.signed_url(KEY, seconds=seconds, disposition="attachment", content_type="image/png")
