"""Parts of a stored plan, computed by processes that somebody else deals them out to."""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import ossicle
import ossicle.ray
import pytest
from conftest import dataset_files, noise
from ossicle import _ossicle, _verbs
from ossicle.ray._parts import Parts

PRESET: dict[str, Any] = {"preset": "kaldi-fbank", "progress": False}


@pytest.fixture
def several(tmp_path: Path, corpus: Path) -> Path:
    """A corpus of several parts, with a recording that is none."""
    folder = tmp_path / "several"
    for number in range(12):
        (folder / f"s{number}").mkdir(parents=True)
        for path in corpus.iterdir():
            (folder / f"s{number}" / path.name).write_bytes(path.read_bytes())
    (folder / "bad.wav").write_bytes(b"RIFF")
    return folder


def compute(out: Path, parts: list[int], told: Any) -> None:
    worker = _ossicle.PartWorker(str(out))
    told.put([json.loads(worker.run_part(part))["number"] for part in parts])


def test_two_processes_with_some_parts_in_common_come_to_what_one_run_writes(several: Path, tmp_path: Path) -> None:
    ossicle.extract(several, tmp_path / "one", **PRESET)
    out = tmp_path / "out"
    with pytest.raises(ossicle.DatasetError, match="holds no plan"):
        _ossicle.PartWorker(str(out))
    planned = ossicle.plan(several, out, **PRESET)
    assert (planned.utterances, planned.published) == (37, False) and planned.parts > 4
    assert f"{planned.parts} parts" in repr(pickle.loads(pickle.dumps(planned)))
    spawn = multiprocessing.get_context("spawn")
    told = spawn.Queue()
    all_parts = list(range(planned.parts))
    shares = [all_parts[: planned.parts * 2 // 3], all_parts[::-1]]
    processes = [spawn.Process(target=compute, args=(out, share, told)) for share in shares]
    for process in processes:
        process.start()
    assert sorted([told.get(timeout=120), told.get(timeout=120)]) == sorted(shares)
    for process in processes:
        process.join()
    made = ossicle.extract(several, out, **PRESET)
    assert made["resumed_parts"] == planned.parts and made.failures == 1
    assert dataset_files(out) == dataset_files(tmp_path / "one")
    assert ossicle.plan(several, out, **PRESET).published


class Cluster:
    """A cluster of one worker in this process."""

    def __init__(self, loses: int = 0) -> None:
        self._loses, self.order = loses, {}

    def begin(self, order: dict[str, Any]) -> int:
        self.order = order
        return 5

    def run(self, order: dict[str, Any]) -> Iterator[str]:
        worker = _ossicle.PartWorker(order["out"], order["plan"])
        for part in order["parts"][self._loses :]:
            yield worker.run_part(part)


def call(cluster: Any, corpus: Path, out: Path, *words: str, **options: Any) -> dict[str, Any]:
    command = ["extract", str(corpus), f"--out={out}", "--preset=kaldi-fbank", *words]
    result: dict[str, Any] = _verbs.call(command, None, False, options.get("on_event"), cluster)[0]
    return result


def test_a_cluster_computes_parts_and_this_process_what_it_leaves(several: Path, tmp_path: Path) -> None:
    ossicle.extract(several, tmp_path / "one", **PRESET)
    events: list[dict[str, Any]] = []
    cluster = Cluster(loses=2)
    told = call(cluster, several, tmp_path / "out", on_event=events.append)
    assert (told["workers"], told["failures"], told["parts"]) == (5, 1, len(cluster.order["parts"]))
    assert dataset_files(tmp_path / "out") == dataset_files(tmp_path / "one")
    kinds = [event["event"] for event in events]
    assert (kinds[0], kinds.count("utterance"), kinds.count("failure"), kinds[-1]) == ("start", 36, 1, "finishing")


def test_what_a_cluster_raises_is_raised_and_what_was_done_is_kept(several: Path, tmp_path: Path) -> None:
    class Gone(Cluster):
        def run(self, order: dict[str, Any]) -> Iterator[str]:
            yield from list(super().run(order))[:3]
            raise KeyboardInterrupt

    class Blind(Cluster):
        def begin(self, order: dict[str, Any]) -> int:
            raise ossicle.Error("node 10.0.0.7 does not see it")

    with pytest.raises(ossicle.Error, match="node 10.0.0.7"):
        call(Blind(), several, tmp_path / "out")
    with pytest.raises(KeyboardInterrupt):
        call(Gone(), several, tmp_path / "out")
    assert not (tmp_path / "out/dataset.json").exists()
    assert call(Cluster(), several, tmp_path / "out")["resumed_parts"] >= 3
    with pytest.raises(ossicle.Error, match="1 utterance failed, and 0 may"):
        call(Cluster(), several, tmp_path / "few", "--max-failures=0")
    with pytest.raises(ZeroDivisionError):
        call(Cluster(), several, tmp_path / "told", on_event=lambda _: 1 / 0)


def test_a_row_tells_what_no_part_can_be_computed_with(several: Path, tmp_path: Path) -> None:
    ossicle.plan(several, tmp_path / "out", **PRESET)
    options: dict[str, Any] = {"stores": None, "retry_failed": False, "in_processes": False, "timeout_s": None}
    options |= {"max_open_files": None, "readers": None}
    rows = Parts(str(tmp_path / "out"), "0", version=ossicle.__version__, **options)({"part": np.array([0])})
    assert "is not the plan of this job" in rows["error"][0] and rows["node"][0]
    rows = Parts(str(tmp_path / "out"), "0", version="0.0.0", **options)({"part": np.array([0])})
    assert "and the driver 0.0.0" in rows["error"][0]


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="ray is installed")
def test_without_ray_it_is_said_what_is_missing(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(ImportError, match='needs ray, which is not installed: pip install "ossicle'):
        ossicle.ray.extract(corpus, tmp_path / "out", preset="kaldi-fbank", progress=False)
    for arguments, text in (({"share": "1/2"}, "share is no argument"), ({"num_cpus": 0}, "num_cpus is 0")):
        with pytest.raises(ossicle.Error, match=text):
            ossicle.ray.extract(corpus, tmp_path / "out", preset="kaldi-fbank", **arguments)
    words = [sys.executable, "-m", "ossicle.ray", "extract", str(corpus), "--out", str(tmp_path / "cli")]
    done = subprocess.run([*words, "--preset", "kaldi-fbank"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "ossicle: the cluster: ossicle.ray needs ray" in done.stderr
    code = "import ossicle.ray, sys; print('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_shares_in_python_are_those_of_the_command(several: Path, tmp_path: Path, monkeypatch: Any) -> None:
    out = tmp_path / "out"
    with pytest.raises(ossicle.Error, match="share is 8/7; it must be I/N"):
        ossicle.extract(several, out, share="8/7", **PRESET)
    with pytest.raises(ossicle.Error, match="share auto is for the tasks of a Slurm array"):
        ossicle.extract(several, out, share="auto", **PRESET)
    with pytest.raises(ossicle.Error, match="share and overwrite exclude each other|overwrite and share exclude"):
        ossicle.extract(several, out, share="1/2", overwrite=True, **PRESET)
    first = ossicle.extract(several, out, share="1/2", **PRESET)
    assert first.ok and first.share == "1/2" and not first.published and not first.missing and first.path == out
    left = ossicle.extract(several, out, share="none", **PRESET)
    assert not left.ok and left.share is None and len(left.missing) == left.parts - first.parts
    assert f"{len(left.missing)} of {left.parts} parts are missing" in repr(left)
    with pytest.raises(ossicle.DatasetError, match="holds the plan of another job"):
        ossicle.extract(several, out, share="2/2", num_mel_bins=40, **PRESET)
    for name, value in (("ID", "9"), ("COUNT", "2"), ("MIN", "8")):
        monkeypatch.setenv(f"SLURM_ARRAY_TASK_{name}", value)
    second = ossicle.extract(several, out, share="auto", **PRESET)
    assert second.share == "2/2" and second.utterances + first.utterances == 36
    assert second.failures + first.failures == 1
    assert ossicle.extract(several, out, share="none", **PRESET).ok
    ossicle.extract(several, tmp_path / "one", **PRESET)
    ossicle.extract(several, out, **PRESET)
    assert dataset_files(out) == dataset_files(tmp_path / "one")
    again = ossicle.extract(several, out, share="1/2", **PRESET)
    assert again.published and "complete already" in repr(pickle.loads(pickle.dumps(again)))


def column(*values: Any) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        array[at] = value
    return array


def test_features_of_a_column_are_those_of_an_extractor(corpus: Path) -> None:
    files = sorted(corpus.iterdir())
    x, _ = ossicle.load_audio(files[0])
    expected = ossicle.fbank(x, preset="kaldi-fbank", num_mel_bins=40)
    features = ossicle.ray.Features("kaldi-fbank", num_mel_bins=40)
    for made in (features, pickle.loads(pickle.dumps(features))):
        batch = made({"bytes": column(files[0].read_bytes(), b"RIFF", None), "path": np.array(["a", "b", "c"])})
        assert list(batch) == ["bytes", "path", "features", "error"]
        assert np.array_equal(batch["features"][0], expected) and batch["features"][0].dtype == np.float32
        assert all(rows.shape == (0, 40) and rows.dtype == np.float32 for rows in batch["features"][1:])
        assert batch["error"][0] == "" and "RIFF/WAVE header" in batch["error"][1] and batch["error"][2]
    # Recordings of one length, which NumPy would take for one array.
    same = features({"audio": np.stack([x, x])})
    assert all(np.array_equal(rows, expected) for rows in same["features"])
    told = column({"bytes": files[0].read_bytes(), "path": None}, {"bytes": None, "path": str(files[0])})
    dicts = ossicle.ray.Features("kaldi-fbank", num_mel_bins=40, column="a", output="f", error_column="why", keep=False)
    batch = dicts({"a": told})
    assert list(batch) == ["f", "why"] and all(np.array_equal(rows, expected) for rows in batch["f"])


def test_arrays_are_taken_at_their_rates(corpus: Path) -> None:
    x = noise(8000).astype(np.float32) / 32768
    expected = ossicle.fbank(ossicle.resample(x, 8000, 16000), preset="kaldi-fbank")
    by_column = ossicle.ray.Features("kaldi-fbank", sampling_rate_column="rate")
    batch = by_column({"audio": column(x, list(x), x), "rate": np.array([8000, 8000, -1])})
    assert np.array_equal(batch["features"][0], expected) and np.array_equal(batch["features"][1], expected)
    assert "sampling rate is" in batch["error"][2]
    once = ossicle.ray.Features(recipe=ossicle.Extractor("kaldi-fbank"), sampling_rate=8000)
    assert np.array_equal(once({"audio": column(x)})["features"][0], expected)
    hugging = column({"array": x, "sampling_rate": 8000})
    assert np.array_equal(ossicle.ray.Features("kaldi-fbank")({"audio": hugging})["features"][0], expected)
    mel, cepstra = (ossicle.Extractor(name).recipe for name in ("kaldi-fbank", "kaldi-mfcc"))
    table = re.sub(r'name = "\w+"', "", cepstra[cepstra.index("[[feature]]") :].split("\n\n")[0])
    two = f'{mel}\n{table}\nname = "cepstra"\n'
    several = ossicle.ray.Features(recipe=two, layout="columns", dtype="float16")({"audio": column(noise(9000), None)})
    assert several["cepstra"][0].shape[1] == several["features"][0].shape[1] > 0
    assert [several[name][1].shape[1] for name in ("features", "cepstra")] == [0, 0]
    assert several["cepstra"][0].dtype == several["cepstra"][1].dtype == np.float16
    with pytest.raises(ossicle.AudioError):
        ossicle.ray.Features("kaldi-fbank", errors="raise")({"bytes": column(b"RIFF")})
    with pytest.raises(ossicle.Error, match="no column 'bytes', but x"):
        ossicle.ray.Features("kaldi-fbank")({"x": column(b"")})
    for arguments, text in (({}, "preset and recipe"), ({"preset": "kaldi-fbank", "errors": "x"}, "errors is 'x'")):
        with pytest.raises(ossicle.Error, match=text):
            ossicle.ray.Features(**arguments)
