"""Servers of objects on loopback, each of another kind, and a corpus."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

OSSICLE = os.environ["OSSICLE"]
KEY, SECRET = "ossiclekey", "hunter2hunter2"


def free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


class Server:
    """A server of S3 that is a program of its own."""

    def __init__(self, name, address, folder=None):
        self.name = name
        self.folder = folder
        self.address = address
        self.client = boto3.client(
            "s3",
            endpoint_url=f"http://{address}",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}),
        )

    def keys(self, bucket, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def unfinished_uploads(self, bucket):
        """What is left of uploads that were begun. s3s-fs cannot list them, but keeps a file of each."""
        if self.folder is not None:
            return [path.name for path in self.folder.iterdir() if path.name.startswith(".upload")]
        return [upload["Key"] for upload in self.client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]

    def get(self, bucket, key):
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()


def started(command, address):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    host, port = address.split(":")
    for _ in range(600):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return process
        except OSError:
            time.sleep(0.1)
    process.kill()
    raise RuntimeError(f"{command} does not listen")


@pytest.fixture(scope="session", params=["moto", "s3s-fs"])
def server(request, tmp_path_factory):
    port = free_port()
    folder = None
    if request.param == "moto":
        command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    else:
        folder = tmp_path_factory.mktemp("s3s")
        command = [os.environ["S3S_FS"], "--access-key", KEY, "--secret-key", SECRET]
        command += ["--host", "127.0.0.1", "--port", str(port), str(folder)]
    process = started(command, f"127.0.0.1:{port}")
    try:
        yield Server(request.param, f"127.0.0.1:{port}", folder)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    ossicle("demo", folder, "--scale", "0.05", "--corpus-only")
    return folder / "corpus" if (folder / "corpus").is_dir() else folder


@pytest.fixture(scope="session")
def local(corpus, tmp_path_factory):
    """The dataset of the corpus in a folder, which judges the others."""
    out = tmp_path_factory.mktemp("local") / "out"
    ossicle("extract", corpus, "--preset", "timit-mfcc", "--out", out)
    return out


def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


def ossicle(*words, check=0):
    """Runs the program; returns what it prints."""
    words = [str(word) for word in words]
    ran = subprocess.run([OSSICLE, *words], check=False, capture_output=True, text=True, env=environment(), timeout=600)
    assert SECRET not in ran.stdout + ran.stderr
    assert ran.returncode == check, ran.stdout + ran.stderr
    return ran.stdout if check == 0 else ran.stderr
