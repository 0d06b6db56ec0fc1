"""Corpora that live in object stores come to the bytes of the same corpora on disk."""

import contextlib
import json
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from conftest import ossicle
from proxy import Proxy

PRESET = ("--preset", "kaldi-fbank")


def settings(url):
    options = [f"aws_endpoint={url}", "read_timeout=1s"]
    return [word for option in options for word in ("--store-option", option)]


def files(out):
    """The card and all files that it names."""
    card = (out / "dataset.json").read_bytes()
    names = [file["path"] for file in json.loads(card)["files"]]
    return {"dataset.json": card} | {name: (out / name).read_bytes() for name in names}


def wavs(corpus):
    return sorted(path for path in corpus.rglob("*.WAV") if path.name.startswith("S"))[:24]


@pytest.fixture(scope="session")
def corpora(corpus, tmp_path_factory):
    """The demo corpus, and descriptions of some of its recordings."""
    root = tmp_path_factory.mktemp("corpora")
    (root / "wav").mkdir()
    names = []
    for number, path in enumerate(wavs(corpus)):
        names.append(f"u{number:02}.wav")
        (root / "wav" / names[-1]).write_bytes(path.read_bytes())
    (root / "wav" / "bad.wav").write_bytes(b"RIFF")
    rows = [f"wav/{name},word {name}" for name in [*names, "gone.wav"]]
    (root / "table.csv").write_text("path,text\n" + "\n".join(rows) + "\n")
    (root / "data").mkdir()
    (root / "data/wav.scp").write_text("".join(f"{name} wav/{name}\n" for name in names))
    (root / "data/segments").write_text("".join(f"{name}-1 {name} 0.1 0.5\n" for name in names))
    (root / "shards").mkdir()
    for shard, mode, some in [("0.tar", "w", names[:12]), ("1.tar.gz", "w:gz", names[12:])]:
        with tarfile.open(root / "shards" / shard, mode) as archive:
            for name in some:
                archive.add(root / "wav" / name, name)
    (root / "tables").mkdir()
    audio = [{"bytes": (root / "wav" / name).read_bytes(), "path": name} for name in names]
    table = pyarrow.table({"audio": audio, "text": names})
    pyarrow.parquet.write_table(table, root / "tables/train.parquet", row_group_size=5)
    return root


@pytest.fixture(scope="session")
def bucket(server, corpora, corpus):
    name = f"corpora-{server.name}"
    server.client.create_bucket(Bucket=name)
    for root, prefix in [(corpora, "some"), (corpus, "timit")]:
        for path in root.rglob("*"):
            if path.is_file():
                key = f"{prefix}/{path.relative_to(root)}"
                server.client.put_object(Bucket=name, Key=key, Body=path.read_bytes())
    return name


DESCRIPTIONS = ["wav", "table.csv", "data", "shards", "tables", "wav/u03.wav", "wav/u0*.wav"]


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_what_is_in_a_bucket_comes_to_the_same_bytes(server, bucket, corpora, description, tmp_path):
    check = 1 if description in ("wav", "table.csv") else 0
    ossicle("extract", corpora / description, *PRESET, "--out", tmp_path / "disk", check=check)
    with Proxy(server.address, rate=0.1, seed=3) as proxy:
        words = ("extract", f"s3://{bucket}/some/{description}", *PRESET, "--out", tmp_path / "store")
        ossicle(*words, *settings(proxy.url), check=check)
    disk, store = files(tmp_path / "disk"), files(tmp_path / "store")
    if description == "table.csv":
        # What is missing is no file on disk, and no object in a store; the card has the ledger's hash.
        for told in (disk, store):
            assert b'"id":"wav/gone"' in told.pop("failures.jsonl").replace(b": ", b":")
            del told["dataset.json"]
    assert disk == store


def test_a_tree_with_alignments_in_processes_comes_to_the_same_bytes(server, bucket, local, tmp_path):
    words = ("extract", f"s3://{bucket}/timit", "--preset", "timit-mfcc", "--out", tmp_path / "out")
    ossicle(*words, *settings(f"http://{server.address}"), "--isolation", "processes", "-j", "2")
    assert files(tmp_path / "out") == files(local)
    again = json.loads(ossicle(*words, *settings(f"http://{server.address}"), "--json"))
    assert again["already_complete"]


def test_a_list_on_disk_may_name_objects(server, bucket, corpora, tmp_path):
    names = sorted(path.name for path in (corpora / "wav").glob("u*.wav"))
    (tmp_path / "list.txt").write_text("".join(f"s3://{bucket}/some/wav/{name}\n" for name in names))
    words = ("extract", tmp_path / "list.txt", *PRESET, "--out", tmp_path / "out", "--json")
    told = json.loads(ossicle(*words, *settings(f"http://{server.address}")))
    assert sum(split["utterances"] for split in told["splits"]) == len(names)


def test_an_object_that_changes_is_computed_again(server, bucket, corpora, tmp_path):
    words = ("extract", f"s3://{bucket}/some/shards/0.tar", *PRESET, "--out", tmp_path / "out")
    ossicle(*words, *settings(f"http://{server.address}"))
    body = (corpora / "shards/0.tar").read_bytes()
    server.client.put_object(Bucket=bucket, Key="some/shards/0.tar", Body=body + bytes(512))
    told = ossicle(*words, *settings(f"http://{server.address}"), check=2)
    server.client.put_object(Bucket=bucket, Key="some/shards/0.tar", Body=body)
    assert "--overwrite" in told


class Files(SimpleHTTPRequestHandler):
    """A server of files; Python's own knows neither ranges nor tags."""

    def log_message(self, *_):
        pass


class RangedFiles(Files):
    """One that knows both."""

    def end_headers(self):
        path = Path(self.translate_path(self.path))
        if path.is_file():
            self.send_header("etag", f'"{path.stat().st_mtime_ns}"')
        super().end_headers()

    def do_GET(self):
        span = self.headers.get("range")
        path = Path(self.translate_path(self.path))
        if not (span and path.is_file()):
            return super().do_GET()
        body = path.read_bytes()
        begin, end = span.removeprefix("bytes=").split("-")
        piece = body[int(begin) : int(end) + 1]
        self.send_response(206)
        self.send_header("last-modified", self.date_time_string(path.stat().st_mtime))
        self.send_header("content-range", f"bytes {begin}-{int(begin) + len(piece) - 1}/{len(body)}")
        self.send_header("content-length", str(len(piece)))
        self.end_headers()
        self.wfile.write(piece)


@contextlib.contextmanager
def served(folder, kind):
    """A server of the files in a folder; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("kind", [Files, RangedFiles])
@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_a_manifest_of_urls_comes_to_the_rows_of_the_files(kind, rate, corpora, tmp_path):
    names = [f"u{number:02}" for number in range(24)]

    def manifest(base, more=()):
        rows = [{"id": name, "audio_filepath": f"{base}/wav/{name}.wav", "text": name} for name in [*names, *more]]
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    ossicle("extract", manifest(corpora), *PRESET, "--out", tmp_path / "disk")
    with served(corpora, kind) as url, Proxy(url.removeprefix("http://"), rate=rate, seed=5) as proxy:
        words = ("extract", manifest(proxy.url, ["gone"]), *PRESET, "--out", tmp_path / "http")
        ossicle(*words, "--store-option", "read_timeout=1s", check=1)
    failed = [json.loads(line) for line in (tmp_path / "http/failures.jsonl").read_text().splitlines()]
    assert [row["id"] for row in failed] == ["gone"]
    disk, http = files(tmp_path / "disk"), files(tmp_path / "http")
    rows = [name for name in disk if name.endswith(".npy")]
    assert rows and all(disk[name] == http[name] for name in rows)


def test_what_cannot_be_read_is_one_sentence(server, bucket, corpora):
    endpoint = f"http://{server.address}"
    for url, sentence in [
        ("s3://no-such-bucket/corpus", "there is no bucket no-such-bucket"),
        (f"s3://{bucket}/nothing", "no such file or folder"),
        (f"{endpoint}/{bucket}/some/", "a server of HTTP has no folders"),
        ("https://me:hunter2hunter2@127.0.0.1:1/a.wav?sig=hunter2hunter2", "127.0.0.1"),
    ]:
        error = ossicle("info", url, *settings(endpoint), "--store-option", "max_retries=0", check=2)
        assert sentence in error, error
        assert len(error.strip().splitlines()) == 1, error
