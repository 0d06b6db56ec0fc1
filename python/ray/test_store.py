"""Extraction on three nodes from a bucket and into one: the files are those of one machine, in a folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typing_extensions import Self

from conftest import Driver
from nodes import ENVIRONMENT, Nodes, with_signal

PORT = 20390
PRESET = "timit-mfcc"

COPY = """
import pathlib, sys
import boto3

way, endpoint, bucket, folder = sys.argv[1:]
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
if way == "up":
    client.create_bucket(Bucket=bucket)
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file():
            client.upload_file(str(path), bucket, str(path.relative_to(folder)))
else:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            path = pathlib.Path(folder, entry["Key"])
            path.parent.mkdir(parents=True, exist_ok=True)
            client.download_file(bucket, entry["Key"], str(path))
"""


class Store:
    """A server of S3 in the head's network, which is there as long as the `with` block."""

    def __init__(self, nodes: Nodes, host: str, port: int) -> None:
        self._nodes = nodes
        self.endpoint = f"http://{host}:{port}"
        words = [str(Path(sys.executable).with_name("moto_server")), "-H", host, "-p", str(port)]
        self._server = subprocess.Popen(
            nodes.command(words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def __enter__(self) -> Self:
        ask = f"import urllib.request; urllib.request.urlopen('{self.endpoint}/moto-api/')"
        words = self._nodes.command([sys.executable, "-c", ask])
        end = time.monotonic() + 60
        while subprocess.run(words, check=False, capture_output=True).returncode:
            assert time.monotonic() < end, "the server of objects does not answer"
            time.sleep(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        with_signal(self._server.pid, signal.SIGKILL)
        self._server.wait(timeout=30)

    def copy(self, way: str, bucket: str, folder: Path) -> None:
        words = self._nodes.command([sys.executable, "-c", COPY, way, self.endpoint, bucket, str(folder)])
        subprocess.run(words, check=True, env={**os.environ, **ENVIRONMENT}, timeout=300)


def driver(nodes: Nodes, store: Store, corpus: str, tmp_path: Path, *words: str) -> Driver:
    command = ["-m", "ossicle.ray", "extract", corpus, "--preset", PRESET, "--address", nodes.address, *words]
    options = ["--store-option", f"aws_endpoint={store.endpoint}", "--store-option", "max_retries=1"]
    return Driver(nodes, [*command, *options], tmp_path / "out").start()


def test_a_bucket_comes_to_the_files_of_a_folder(nodes: Nodes, corpus: Path, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there/out"
    words = [sys.executable, "-m", "ossicle", "extract", str(corpus), "--out", str(here), "--preset", PRESET]
    assert subprocess.run(words, check=False, capture_output=True).returncode == 1
    with Store(nodes, nodes.nodes[0].address, PORT) as store:
        store.copy("up", "speech", corpus)
        store.copy("up", "features", tmp_path / "nothing")
        words = ["--out", "s3://features/out", "--json", "--connections", "8"]
        status, printed, said = driver(nodes, store, "s3://speech", tmp_path, *words).ended()
        assert status == 1, said
        store.copy("down", "features", there.parent)
    told = json.loads(printed)
    # The bad recording is a row of the ledger.
    assert (told["workers"], told["failures"]) == (3, 1), said
    assert ENVIRONMENT["AWS_SECRET_ACCESS_KEY"] not in said + printed
    card = json.loads((there / "dataset.json").read_text())
    judge = json.loads((here / "dataset.json").read_text())
    assert card["files"] == judge["files"]
    for file in judge["files"]:
        path = file["path"]
        assert (there / card["folder"] / path).read_bytes() == (here / path).read_bytes(), path


def test_a_node_that_does_not_reach_a_bucket_is_named(nodes: Nodes, corpus: Path, tmp_path: Path) -> None:
    if not nodes.nodes[0].in_namespace:
        pytest.skip("without namespaces all nodes have one loopback")
    # The head's loopback is nobody else's.
    with Store(nodes, "127.0.0.1", PORT + 1) as store:
        store.copy("up", "speech", corpus)
        status, _, said = driver(nodes, store, "s3://speech", tmp_path, "--out", str(tmp_path / "out")).ended()
    assert status == 2 and "s3://speech/" in said, said
    assert re.search(rf"node {re.escape(nodes.nodes[1].address)} \(.+\) does not see what the driver does", said), said
    assert not list((tmp_path / "out/.ossicle/parts").glob("*"))
