"""Servers on this machine alone that DVC can push to: S3-compatible (moto), and SSH (asyncssh)."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh

BUCKET = "h2h"


@dataclass(frozen=True)
class Remote:
    """What DVC must be told: the address, settings of `dvc remote modify`, and the environment."""

    url: str
    settings: dict[str, str]
    environment: dict[str, str]


@contextlib.contextmanager
def s3_server() -> Iterator[Remote]:
    """A bucket that lives in this process' memory."""
    import boto3
    from moto.server import ThreadedMotoServer

    keys = {name: "testing" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    keys |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        client = boto3.client(
            "s3", endpoint_url=endpoint, region_name="us-east-1",
            aws_access_key_id="testing", aws_secret_access_key="testing",
        )  # fmt: skip
        client.create_bucket(Bucket=BUCKET)
        yield Remote(f"s3://{BUCKET}/artifacts", {"endpointurl": endpoint}, keys)
    finally:
        server.stop()


class _Keys(asyncssh.SSHServer):
    """Lets one key in, whatever the user is called."""

    def __init__(self, key: asyncssh.SSHKey):
        self._key = key

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.public_data == self._key.public_data


@contextlib.contextmanager
def ssh_server(folder: Path) -> Iterator[Remote]:
    """SFTP into `folder`, with keys of its own."""
    folder.mkdir(parents=True)
    host, own = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    key_file = folder.parent / "client_key"
    key_file.write_bytes(own.export_private_key())
    os.chmod(key_file, 0o600)
    loop = asyncio.new_event_loop()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.create_server(
            lambda: _Keys(own), "127.0.0.1", 0, server_host_keys=[host], sftp_factory=True
        )

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(60)
    try:
        url = f"ssh://{getpass.getuser()}@127.0.0.1:{acceptor.get_port()}{folder}"
        yield Remote(url, {"keyfile": str(key_file), "allow_agent": "false"}, {})
    finally:
        loop.call_soon_threadsafe(acceptor.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
