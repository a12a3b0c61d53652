"""An S3 server for tests, in a process of its own: moto, which checks signatures and permissions.

Run as a program it serves on a free port, prints it, and ends when its standard input does.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import boto3

POLICY = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"""
BEFORE = 4
"""Requests that are taken without a look at who sends them: those of `_prepare`."""


@dataclass
class BucketServer:
    """A running server with one bucket and one person who may use it."""

    endpoint: str
    bucket: str
    access_key: str
    secret: str

    @property
    def environ(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret}

    def names(self) -> list[str]:
        """Of all that lies in the bucket."""
        client = boto3.client(  # type: ignore[call-overload]
            "s3", aws_access_key_id=self.access_key, aws_secret_access_key=self.secret, region_name="us-east-1",
            endpoint_url=self.endpoint,
        )  # fmt: skip
        return [item["Key"] for item in client.list_objects_v2(Bucket=self.bucket).get("Contents", [])]

    def url(self, prefix: str = "", more: str = "") -> str:
        return f"s3://{self.bucket}/{prefix}?endpoint={self.endpoint}&region=us-east-1&path_style=1{more}"


@contextlib.contextmanager
def running_bucket() -> Iterator[BucketServer]:
    environ = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(BEFORE)}
    process = subprocess.Popen(
        [sys.executable, __file__], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, "moto did not start"
        yield _prepare(f"http://127.0.0.1:{port}", f"files-{secrets.token_hex(4)}")
    finally:
        process.kill()
        process.communicate()


def _prepare(endpoint: str, bucket: str) -> BucketServer:
    anyone = {
        "aws_access_key_id": "a",
        "aws_secret_access_key": "b",
        "region_name": "us-east-1",
        "endpoint_url": endpoint,
    }
    iam = boto3.client("iam", **anyone)  # type: ignore[call-overload]
    iam.create_user(UserName="sampark")
    key = iam.create_access_key(UserName="sampark")["AccessKey"]
    iam.put_user_policy(UserName="sampark", PolicyName="files", PolicyDocument=POLICY)
    boto3.client("s3", **anyone).create_bucket(Bucket=bucket)  # type: ignore[call-overload]
    return BucketServer(endpoint, bucket, key["AccessKeyId"], key["SecretAccessKey"])


def _serve() -> None:
    import logging

    from moto.server import ThreadedMotoServer

    logging.disable(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    sys.stdout.write(f"{server.get_host_and_port()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    _serve()
