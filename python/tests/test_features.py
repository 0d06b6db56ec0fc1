"""Features of arrays are those that the command writes, to the bit."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import re
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import noise, ossicle, write_wave

import ossicle as ossicle_module
from ossicle import Extractor, fbank, load_audio, mfcc, presets
from ossicle._ossicle import preset_text

SCALE = np.float32(1 / 32768)


def dataset(corpus: Path, out: Path, *words: str) -> dict[str, np.ndarray]:
    """The rows that the command writes of each utterance, by id."""
    done = ossicle("extract", corpus, "--out", out, *words)
    assert done.returncode == 0, done.stderr
    card = json.loads((out / "dataset.json").read_text())
    split = card["splits"][0]["name"]
    index = np.load(out / split / "index.npy")
    ids = [json.loads(line)["id"] for line in (out / split / "utterances.jsonl").open()]
    names = [name for name, array in card["arrays"].items() if array.get("columns")]
    rows = {}
    for id, (shard, first, count) in zip(ids, index, strict=True):
        shards = [np.load(out / split / f"{name}-{shard:05}.npy", mmap_mode="r") for name in names]
        rows[id] = np.array(shards[0][first : first + count])
    return rows


def of_other_rates() -> set[str]:
    """The presets of models whose recordings are of another rate than the corpus has."""
    rates = {name: re.search(r"^sample_rate_hz = (\d+)", preset_text(name), re.MULTILINE) for name in presets()}
    return {name for name, rate in rates.items() if rate and rate[1] != "16000"}


@pytest.mark.parametrize("preset", sorted(set(presets()) - of_other_rates()))
def test_every_preset_gives_the_bytes_of_the_command(preset: str, corpus: Path, tmp_path: Path) -> None:
    words = ["--preset", preset, "--set", "normalize=", "--set", "labels="]
    settings: dict[str, Any] = {"normalize": None}
    if preset == "timit-spikegram":
        # Noise would take as many spikes as it has samples.
        words += ["--set", "feature.max_spikes_per_s=2000"]
        settings["max_spikes_per_s"] = 2000
    expected = dataset(corpus, tmp_path / "out", *words)
    extractor = Extractor(preset, **settings)
    assert len(expected) == 3
    for id, rows in expected.items():
        samples, rate = load_audio(corpus / f"{id}.wav")
        assert rate == 16000
        found = extractor(samples)
        assert found.dtype == np.float32 and found.flags.c_contiguous
        assert found.shape == rows.shape == (extractor.num_frames(len(samples)), extractor.dim)
        assert found.tobytes() == rows.tobytes()


def test_what_a_dataset_was_made_by_gives_its_rows(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    expected = dataset(
        corpus, out, "--preset", "kaldi-mfcc", "--set", "normalize.stats_from=all", "--set", "deltas.order=2"
    )
    extractor = Extractor.from_dataset(out)
    again = pickle.loads(pickle.dumps(extractor))
    for id, rows in expected.items():
        samples, _ = load_audio(corpus / f"{id}.wav")
        assert extractor(samples).tobytes() == rows.tobytes()
        assert again(samples).tobytes() == rows.tobytes()
    assert extractor.column_names[:2] == ["c0", "c1"] or extractor.dim == 39


def test_a_speaker_s_recordings_give_the_rows_of_a_dataset_normalised_by_speakers(tmp_path: Path) -> None:
    corpus, out = tmp_path / "corpus", tmp_path / "out"
    names = ("ann/a", "ann/b", "ann/c", "bob/a", "bob/b")
    for number, name in enumerate(names):
        (corpus / name).parent.mkdir(parents=True, exist_ok=True)
        write_wave(corpus / f"{name}.wav", noise(9000 + 700 * number, number))
    words = ("--preset", "kaldi-mfcc", "--set", "normalize.scope=speaker", "--set", "feature.dither=1.0")
    expected = dataset(corpus, out, *words, "--speaker", "folder")
    extractor = Extractor.from_dataset(out)
    with pytest.raises(ossicle_module.Error, match="normalised by each speaker") as caught:
        extractor(noise(8000))
    assert "for_speaker" in (caught.value.advice or "")
    for speaker in ("ann", "bob"):
        own = sorted(name for name in expected if name.startswith(speaker))
        recordings = [load_audio(corpus / f"{name}.wav")[0] for name in own]
        of_speaker = extractor.for_speaker(recordings, ids=own)
        again = pickle.loads(pickle.dumps(of_speaker))
        for name, x in zip(own, recordings, strict=True):
            assert of_speaker(x, id=name).tobytes() == expected[name].tobytes()
            assert again(x, id=name).tobytes() == expected[name].tobytes()
    with pytest.raises(ValueError, match="no recordings of one here"):
        extractor.for_speaker([])
    with pytest.raises(ValueError, match=r"recordings\[1\]: there are 3 samples"):
        extractor.for_speaker([noise(8000), noise(3)])
    with pytest.raises(ValueError, match="is not normalised by speakers"):
        Extractor("kaldi-mfcc").for_speaker([noise(8000)])


def test_every_kind_of_samples_gives_the_same_rows() -> None:
    x = noise(16000)
    expected = fbank(x)
    floats = x.astype(np.float32) * SCALE
    strided = np.zeros((16000, 2), dtype=np.float32)
    strided[:, 0] = floats
    readonly = floats.copy()
    readonly.flags.writeable = False

    class Wrapped:
        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            return floats

    class Dlpack:
        def __dlpack__(self, **_: object) -> object:
            return floats.__dlpack__()

        def __dlpack_device__(self) -> tuple[int, int]:
            return floats.__dlpack_device__()

    unaligned = np.frombuffer(b"a" + floats.tobytes(), np.uint8)[1:].view(np.float32)
    assert not unaligned.flags.aligned
    big_endian = [floats.astype(">f4"), floats.astype(">f8"), x.astype(">i2")]
    contiguous = [floats, floats.astype(np.float64), x, readonly, list(floats), tuple(floats)]
    for kind in (*contiguous, strided[:, 0], unaligned, *big_endian, Wrapped(), Dlpack(), np.ma.array(floats)):
        assert np.array_equal(fbank(kind), expected), type(kind)


def test_several_recordings_are_those_alone() -> None:
    x = [noise(length, length) for length in (16000, 8000, 400, 30000)]
    alone = [mfcc(one) for one in x]
    for jobs in (1, 2, 7):
        several = mfcc(x, jobs=jobs)
        assert all(np.array_equal(a, b) for a, b in zip(alone, several, strict=True))
    batch = np.stack([noise(8000, seed) for seed in range(3)])
    rows = mfcc(batch)
    assert rows.shape[0] == 3 and np.array_equal(rows[1], mfcc(batch[1]))
    assert mfcc([]) == []
    with pytest.raises(ValueError, match="x is empty"):
        mfcc(np.zeros((0, 8000), np.float32))
    # More than share memory, and one that is larger than that alone.
    long = [noise(length, length) for length in (16000 * 60 * 6, 400, 16000 * 60 * 2)]
    for rows, one in zip(fbank(long, num_mel_bins=128, jobs=3), long, strict=True):
        assert np.array_equal(rows, fbank(one, num_mel_bins=128))


def test_calls_lay_out_what_is_asked_for() -> None:
    x = noise(16000).astype(np.float32) * SCALE
    extractor = Extractor("whisper-80")
    rows = extractor(x)
    columns = extractor(x, layout="columns")
    assert columns.flags.c_contiguous and np.array_equal(columns, rows.T)
    assert extractor(x, dtype="float16").dtype == np.float16
    padded = extractor(x, pad_to=3000)
    assert padded.shape == (3000, 80)
    whole = np.zeros(480000, dtype=np.float32)
    whole[: len(x)] = x
    assert np.array_equal(padded, extractor(whole))
    assert np.array_equal(extractor(np.tile(x, 40), pad_to=100), extractor(x))
    out = np.empty_like(rows)
    assert extractor(x, out=out) is out and np.array_equal(out, rows)
    with pytest.raises(ValueError, match=r"out has the shape \(3, 80\), and the result \(100, 80\)"):
        extractor(x, out=np.empty((3, 80), dtype=np.float32))


def test_settings_are_keys_and_wrong_ones_have_the_nearest() -> None:
    x = noise(16000)
    assert fbank(x, num_mel_bins=40).shape == (98, 40)
    assert fbank(x, **{"frames.shift": "20ms"}).shape == (49, 23)
    assert fbank(x, deltas={"order": 2}).shape == (98, 69)
    with pytest.raises(ValueError, match="there is no setting num_mel_bin; did you mean num_mel_bins?"):
        fbank(x, num_mel_bin=40)
    with pytest.raises(ValueError, match="num_mel_bins is 0; it must be from 1 to 4096"):
        fbank(x, num_mel_bins=0)
    with pytest.raises(ValueError, match="there is no preset"):
        fbank(x, preset="kaldi-fbnk")
    with pytest.raises(ValueError, match="is of another kind"):
        fbank(x, preset="kaldi-mfcc")
    with pytest.raises(ValueError, match='normalised by train, and there is no corpus here'):
        Extractor("timit-mfcc")


def test_a_tensor_that_needs_gradients_is_refused_without_torch() -> None:
    class Tensor:
        requires_grad = True

        def __array__(self) -> np.ndarray:
            raise AssertionError("it was taken all the same")

    with pytest.raises(ValueError, match=r"needs gradients.*x.detach\(\)"):
        fbank(Tensor())


def test_threads_share_an_extractor() -> None:
    extractor, x = Extractor("librosa-mel"), noise(16000)
    expected = extractor(x)
    same = []

    def work() -> None:
        same.extend(np.array_equal(extractor(x), expected) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(same) == 80 and all(same)


def _rows(extractor: Extractor, x: np.ndarray) -> np.ndarray:
    return extractor(x)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_child_processes_have_it_too(method: str) -> None:
    extractor, x = Extractor("kaldi-fbank", dither=1.0), noise(16000)
    expected = extractor(x)
    with multiprocessing.get_context(method).Pool(2) as pool:
        for rows in pool.starmap(_rows, [(extractor, x)] * 4):
            assert np.array_equal(rows, expected)


def test_everything_has_a_description() -> None:
    for name in ossicle_module.__all__:
        if not name.startswith("_"):
            assert getattr(ossicle_module, name).__doc__, name


FOREIGN = Path(__file__).parents[2] / "crates/recipe/tests/fixtures/foreign"


@pytest.mark.parametrize(
    ("file", "preset"),
    [
        ("whisper-80.json", "whisper-80"),
        ("nemo.yaml", "nemo-mel80-norm"),
        ("espnet.yaml", "espnet-logmel80-hop160-mvn"),
        ("fbank.conf", "funasr-fbank80"),
    ],
)
def test_a_model_s_own_file_is_a_recipe(file: str, preset: str) -> None:
    x = noise(16000)
    for path in (FOREIGN / file, str(FOREIGN / file)):
        assert np.array_equal(Extractor(path)(x), Extractor(preset)(x))


def test_what_a_model_s_own_file_names_is_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # With a name alone too, which is no preset's.
    monkeypatch.chdir(FOREIGN)
    x = noise(16000)
    found, plain = Extractor("funasr.yaml")(x), Extractor("funasr-lfr")(x)
    assert found.shape == plain.shape and not np.allclose(found, plain)
    assert np.array_equal(found, Extractor("am.mvn")(x))
    with pytest.raises(ossicle_module.Error, match="EncodecFeatureExtractor: it is not known"):
        Extractor("encodec.json")
