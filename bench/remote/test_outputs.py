"""Datasets written to object stores, and read there."""

import json
import signal
import subprocess
import time

from conftest import KEY, OSSICLE, SECRET, environment, ossicle
from proxy import Proxy


def settings(url, *more):
    options = [f"aws_endpoint={url}", "read_timeout=1s", *more]
    return [word for option in options for word in ("--store-option", option)]


def extract(corpus, out, url, *more, check=0):
    return ossicle("extract", corpus, "--preset", "timit-mfcc", "--out", out, *settings(url), *more, check=check)


def bucket(server, name):
    server.client.create_bucket(Bucket=name)
    return name


def unconditional(server):
    """Whether a server puts whatever it is asked to put on a condition."""
    name = bucket(server, "conditions")
    server.client.put_object(Bucket=name, Key="a", Body=b"1")
    try:
        server.client.put_object(Bucket=name, Key="a", Body=b"2", IfNoneMatch="*")
        return True
    except server.client.exceptions.ClientError:
        return False


def require_same(server, name, prefix, local):
    """What is below a prefix is the dataset in a folder, and nothing else; returns the card."""
    card = json.loads(server.get(name, f"{prefix}/dataset.json"))
    judge = json.loads((local / "dataset.json").read_text())
    assert card["files"] == judge["files"]
    assert card["format"] == "ossicle-dataset/2"
    folder = f"{prefix}/{card['folder']}"
    for file in judge["files"]:
        assert server.get(name, f"{folder}/{file['path']}") == (local / file["path"]).read_bytes()
    run = server.get(name, f"{folder}/run.json").decode()
    assert KEY not in run and SECRET not in run
    expected = {f"{folder}/{file['path']}" for file in judge["files"]}
    expected |= {f"{prefix}/dataset.json", f"{folder}/run.json"}
    assert set(server.keys(name, prefix)) == expected
    assert not server.unfinished_uploads(name)
    return card


def settled(number):
    """A number once it stays: what was on its way through the proxy still arrives."""
    last = None
    while (now := number()) != last:
        last = now
        time.sleep(1.0)
    return now


def test_a_killed_run_goes_on_behind_a_network_that_fails(server, corpus, local):
    if unconditional(server):
        # Two finishers could publish there at once.
        error = extract(corpus, "s3://conditions/out", f"http://{server.address}", check=2)
        assert "knows no conditions" in error
        more = settings("", "aws_conditional_put=disabled")[4:]
    else:
        more = []
    name = bucket(server, "killed")
    url = f"s3://{name}/sets/out"
    with Proxy(server.address, rate=0.2, seed=7) as proxy:
        words = ["extract", corpus, "--preset", "timit-mfcc", "--out", url, *settings(proxy.url), *more]
        command = [OSSICLE, *map(str, words), "--isolation", "processes", "-j", "2"]
        run = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
        while run.poll() is None and len(server.keys(name, "sets/out/.ossicle/parts/")) < 3:
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
        run.wait()
        parts = settled(lambda: len(server.keys(name, "sets/out/.ossicle/parts/")))
        assert parts >= 3
        assert f"{parts} of" in ossicle("info", url, *settings(proxy.url), *more)
        told = ossicle(*words, "--json", "-j", "2")
        assert json.loads(told)["resumed_parts"] >= 3
        assert sum(proxy.seen.values()) > 10, proxy.seen
    require_same(server, name, "sets/out", local)
    again = ossicle(*[str(word).replace(proxy.url, f"http://{server.address}") for word in words])
    assert "already" in again or "complete" in again


def test_a_dataset_is_verified_and_shown_where_it_is(server, corpus, local, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    name = bucket(server, "verified")
    more = settings("", "aws_conditional_put=disabled")[4:]
    url = f"s3://{name}/out"
    endpoint = f"http://{server.address}"
    extract(corpus, url, endpoint, *more)
    card = require_same(server, name, "out", local)
    ossicle("verify", url, *settings(endpoint))
    shown = json.loads(ossicle("info", url, "--json", *settings(endpoint)))
    assert shown["files"] == card["files"]
    victim = next(file["path"] for file in card["files"] if "features" in file["path"])
    key = f"out/{card['folder']}/{victim}"
    bytes_ = bytearray(server.get(name, key))
    bytes_[-1] ^= 1
    server.client.put_object(Bucket=name, Key=key, Body=bytes(bytes_))
    found = subprocess.run(
        [OSSICLE, "verify", url, *settings(endpoint)],
        check=False,
        capture_output=True,
        text=True,
        env=environment() | {"XDG_CACHE_HOME": str(tmp_path)},
    )
    assert found.returncode == 1 and victim in found.stdout + found.stderr


def test_what_cannot_work_is_one_sentence(server, corpus):
    endpoint = f"http://{server.address}"
    for url, more, sentence in [
        ("s3://no-such-bucket/out", [], "there is no bucket no-such-bucket"),
        ("https://127.0.0.1/out", [], "its store can not do that"),
        ("s3://me:hunter2@bucket/out", [], "credentials belong in the options"),
    ]:
        error = extract(corpus, url, endpoint, *more, check=2)
        assert sentence in error, error
        assert len(error.strip().splitlines()) == 1, error
    error = extract(corpus, "s3://b/o", endpoint, "--store-option", "aws_endpint=x", check=2)
    assert "no store has a setting aws_endpint" in error
    error = extract(corpus, "s3://b/o", "http://127.0.0.1:1", "--store-option", "max_retries=0", check=2)
    assert "127.0.0.1 cannot be reached" in error, error
