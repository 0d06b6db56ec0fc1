"""Features of columns of Ray Data, without a dataset of ossicle."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import Driver
from nodes import Nodes

CALL = """
import json, sys, pathlib
import numpy as np
import ray, ray.data
import ossicle, ossicle.ray

address, corpus, out = sys.argv[1:]
ray.init(address=address, log_to_driver=False)
actors = ray.data.ActorPoolStrategy(size=2)
extractor = ossicle.Extractor("kaldi-fbank", num_mel_bins=40)
options = {"preset": "kaldi-fbank", "num_mel_bins": 40}

files = ray.data.read_binary_files(corpus + "/TRAIN/DR1", include_paths=True, file_extensions=["WAV"])
made = files.map_batches(ossicle.ray.Features, fn_constructor_kwargs=options, batch_size=7, compute=actors).take_all()
same = bad = 0
for row in made:
    if row["error"]:
        assert row["features"].shape == (0, 40) and row["bytes"] == b"RIFF", row
        bad += 1
        continue
    expected = extractor(ossicle.load_audio(row["path"])[0])
    assert np.array_equal(row["features"], expected), row["path"]
    same += 1

kept = {**options, "keep": False}
files.map_batches(ossicle.ray.Features, fn_constructor_kwargs=kept, compute=actors).write_parquet(out)
rows = ray.data.read_parquet(out).take_all()
assert set(rows[0]) == {"path", "features", "error"}, rows[0]
by_path = {row["path"]: row["features"] for row in rows}
assert all(np.array_equal(by_path[row["path"]], row["features"]) for row in made)

# Arrays of one length, of another rate.
x = [np.sin(np.arange(8000) / (9 + at)).astype(np.float32) for at in range(5)]
arrays = ray.data.from_items([{"audio": one, "rate": 8000} for one in x])
options["sampling_rate_column"] = "rate"
of_arrays = arrays.map_batches(ossicle.ray.Features, fn_constructor_kwargs=options, compute=actors).take_all()
for row in of_arrays:
    assert np.array_equal(row["features"], extractor(ossicle.resample(np.asarray(row["audio"]), 8000, 16000)))
print(json.dumps([same, bad, len(of_arrays)]))
"""


def test_map_batches_computes_what_an_extractor_does(nodes: Nodes, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["-c", CALL, nodes.address, str(corpus), str(out)]
    status, printed, said = Driver(nodes, words, out).start().ended()
    assert status == 0, said
    same, bad, arrays = json.loads(printed.splitlines()[-1])
    assert same == len(list((corpus / "TRAIN/DR1").rglob("*.WAV"))) - 1 and (bad, arrays) == (1, 5)
