"""The stand-ins for transformers' feature extractors without transformers; `python/parity` has the rest."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import noise
from pages import GOLDEN, ROOT
from transformers_calls import CONFIGS, RECORDED, calls, config, recordings, returned, summary

import ossicle
from ossicle.transformers import BatchFeature, feature_extractor, known_classes

RECORDS = json.loads(RECORDED.read_text(encoding="utf-8"))["calls"]


def of(name: str, **settings: Any) -> Any:
    return feature_extractor(CONFIGS / f"{name}.json", **settings)


def test_it_is_imported_when_it_is_asked_for_and_takes_neither_transformers_nor_torch() -> None:
    code = "import sys, ossicle; a = 'ossicle.transformers' in sys.modules; import ossicle.transformers\n"
    code += "print(a, 'torch' in sys.modules, 'transformers' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "False", "False"]


def test_every_call_is_recorded() -> None:
    assert [(one["config"], one["options"]) for one in RECORDS] == list(calls())
    known = {config(path.stem).get("feature_extractor_type") for path in CONFIGS.glob("*.json")}
    # What the first models of Wav2Vec2-BERT said is SeamlessM4T's.
    assert known & set(known_classes()) == set(known_classes()) - {"Wav2Vec2BertFeatureExtractor"}


@pytest.mark.parametrize("record", RECORDS, ids=lambda one: f"{one['config']} {one['options']}")
def test_what_the_originals_returned_is_returned(record: dict[str, Any]) -> None:
    found = summary(returned(of(record["config"]), record["config"], record["options"]))
    compare(found, record["returns"])


def compare(found: Any, expected: Any) -> None:
    if isinstance(expected, list):
        for one, other in zip(found, expected, strict=True):
            compare(one, other)
    elif "dtype" not in expected:
        assert list(found) == list(expected)
        for key in expected:
            compare(found[key], expected[key])
    else:
        numbers = "values, and means"
        held = {key: value for key, value in expected.items() if key != numbers}
        values = found.pop(numbers, []), expected.get(numbers, [])
        assert found == held
        # The parity tests compare all of them, nearer.
        assert values[0] == pytest.approx(values[1], rel=1e-3, abs=2e-3)


@pytest.mark.parametrize(
    ("name", "golden", "options", "apart"),
    [
        # Whisper's was computed without padding; docs/parity.md has the distances.
        ("whisper-80", "whisper80", {"padding": "longest", "truncation": False}, 1e-4),
        ("whisper-128", "whisper128", {"padding": "longest", "truncation": False}, 1e-4),
        ("parakeet", "parakeet80", {}, 1e-4),
        ("parakeet128", "parakeet128", {}, 1e-4),
        ("seamless", "seamless80_stride2", {"pad_to_multiple_of": None}, 4e-4),
        ("speech2text", "speech2text80", {}, 4e-4),
        ("ast", "ast128", {}, 2e-4),
        ("wav2vec2", "wav2vec2_wave", {}, 2e-6),
        ("gemma3n", "gemma3n_mel128", {"pad_to_multiple_of": None}, 2e-3),
    ],
)
def test_numbers_are_those_of_the_golden_arrays(name: str, golden: str, options: dict[str, Any], apart: float) -> None:
    x, rate = ossicle.load_audio(GOLDEN / "input.wav")
    batch = of(name)(x, sampling_rate=rate, return_tensors="np", **options)
    found = next(iter(batch.values()))[0]
    expected = np.load(GOLDEN / f"{golden}.npy")
    if name.startswith("whisper"):
        found = found.T
    if found.ndim == 1:
        expected = expected.ravel()
    # What is padded lies behind.
    assert len(expected) <= len(found)
    assert np.abs(found[: len(expected)] - expected).max() <= apart


def test_a_configuration_is_taken_from_wherever_it_is(tmp_path: Path) -> None:
    keys = config("seamless")
    nested = {"processor_class": "SeamlessM4TProcessor", "feature_extractor": keys}
    old, new, both = tmp_path / "old", tmp_path / "new", tmp_path / "both"
    for folder, files in (
        (old, {"preprocessor_config.json": keys}),
        (new, {"processor_config.json": nested}),
        (both, {"processor_config.json": {"processor_class": "X"}, "preprocessor_config.json": keys}),
    ):
        folder.mkdir()
        for name, tree in files.items():
            (folder / name).write_text("\ufeff" + json.dumps(tree), encoding="utf-8")

    class Original:
        def to_dict(self) -> dict[str, Any]:
            return keys | {"sampling_rate": np.int64(16000)}

    class Processor:
        feature_extractor = Original()

    x = noise(9000) / 32768
    expected = of("seamless")(x, sampling_rate=16000).input_features
    for given in (old, str(new), both, new / "processor_config.json", keys, nested, Original(), Processor()):
        assert np.array_equal(feature_extractor(given)(x, sampling_rate=16000).input_features, expected)
    assert of("seamless").from_pretrained(old, stride=1).stride == 1
    first = feature_extractor(keys | {"feature_extractor_type": "Wav2Vec2BertFeatureExtractor"})
    assert np.array_equal(first(x, sampling_rate=16000).input_features, expected)


def test_a_configuration_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-folder is not there; nothing is downloaded"):
        feature_extractor(tmp_path / "no-such-folder")
    with pytest.raises(FileNotFoundError, match=r"holds neither preprocessor_config\.json nor processor_config\.json"):
        feature_extractor(tmp_path)
    (tmp_path / "preprocessor_config.json").write_bytes(b"\xff{")
    with pytest.raises(ossicle.Error, match=r"preprocessor_config\.json is no configuration"):
        feature_extractor(tmp_path)
    for text in ("[" * 100_000, "[]"):
        (tmp_path / "preprocessor_config.json").write_text(text)
        with pytest.raises(ossicle.Error, match="is no configuration"):
            feature_extractor(tmp_path)
    with pytest.raises(ossicle.Error, match="config has no feature_extractor_type"):
        feature_extractor({"image_processor_type": "ViTImageProcessor"})
    with pytest.raises(ossicle.Error, match="config is of type int"):
        feature_extractor(3)
    with pytest.raises(
        ossicle.Error, match="EncodecFeatureExtractor is not known; those that are: ASTFeature.*Whisper"
    ):
        of("encodec")
    with pytest.raises(ossicle.Error, match="unknown key `magic`"):
        feature_extractor(config("whisper-80") | {"magic": 1})
    with pytest.raises(ossicle.Error, match="stride is 0"):
        feature_extractor(config("seamless") | {"stride": 0})
    with pytest.raises(ossicle.Error, match='padding_side is \'middle\'; it must be "right" or "left"'):
        feature_extractor(config("whisper-80") | {"padding_side": "middle"})
    with pytest.raises(ossicle.Error, match="window is '30s', and SeamlessM4TFeatureExtractor has none"):
        of("seamless", window="30s")
    with pytest.raises(ossicle.Error, match='window is \'30\'; it must be None, "30s" or "recording"'):
        of("whisper-80", window="30")


@pytest.mark.parametrize("name", sorted({name for name, _ in calls()} - {"granite"}))
def test_recordings_that_are_none_are_told(name: str) -> None:
    extractor, rate = of(name), config(name)["sampling_rate"]
    x = np.zeros(9000, dtype=np.float32)
    for given, words in (
        ([], "raw_speech is an empty list|audio is an empty list"),
        (np.zeros((0, 9000)), "must hold a recording"),
        ([x, x[:0]], r"\[1\] is empty"),
        (np.zeros((2, 3, 4, 5)), "only mono-channel audio is supported"),
        (x.astype(complex), "numbers of type complex128"),
        (np.full(9000, np.nan), "is nan|that is NaN"),
    ):
        if name == "speecht5" and words.startswith("is nan"):
            # Of inputs nothing is computed.
            continue
        with pytest.raises(ossicle.Error, match=words):
            extractor(given, sampling_rate=rate)
    with pytest.raises(ossicle.Error, match=f"sampling rate of {rate}.*and not 11025") as error:
        extractor(x, sampling_rate=11025)
    assert error.value.advice == f"ossicle.resample(x, 11025, {rate}) comes before"
    with pytest.raises(ossicle.Error, match="return_tensors is 'jax'"):
        extractor(
            recordings(name), sampling_rate=rate, return_tensors="jax", **({} if "clap" in name else {"padding": True})
        )


def test_padding_that_is_none_is_told() -> None:
    extractor, xs = of("speech2text"), [noise(9000) / 32768, noise(5000) / 32768]
    for options, words in (
        ({"padding": "max_length"}, 'padding="max_length" takes max_length'),
        ({"truncation": True}, "truncation=True takes max_length"),
        ({"padding": "all"}, "padding is 'all'; it must be True, False or one of"),
        ({"max_length": -1}, "max_length is -1"),
        ({"pad_to_multiple_of": 0}, "pad_to_multiple_of is 0"),
    ):
        with pytest.raises(ossicle.Error, match=words):
            extractor(xs, sampling_rate=16000, **options)
    with pytest.raises(ossicle.Error, match="one batch only when they are padded") as error:
        of("whisper-80")(xs, sampling_rate=16000, padding=False)
    assert error.value.advice == "pass padding=True"
    batch = extractor(xs, sampling_rate=16000, return_tensors="np")
    assert [of.shape for of in batch.input_features] == [(54, 80), (29, 80)]


def test_the_page_names_what_there_is() -> None:
    page = (ROOT / "docs/coming-from/transformers.md").read_text(encoding="utf-8")
    table = page.split("| class | of |")[1].split("\n\n")[0]
    assert sorted(re.findall(r"`(\w+FeatureExtractor)`", table)) == sorted(known_classes())


def test_a_missing_sampling_rate_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    extractor, x = of("whisper-80"), noise(9000)
    extractor(x)
    extractor(x)
    assert [record.name for record in caplog.records] == ["ossicle.transformers"]
    assert "pass sampling_rate to WhisperFeatureExtractor" in caplog.text


def test_windows_of_whisper_have_their_own_maximum() -> None:
    x = np.concatenate([noise(480_000) * 0.5, noise(100_000) * 0.01]).astype(np.float32) / 32768
    both = np.stack([x[:480_000], np.pad(x[480_000:], (0, 380_000))])
    expected = np.concatenate(list(of("whisper-80")(both, sampling_rate=16000).input_features), axis=1)
    windowed = of("whisper-80", window="30s")
    found = windowed(x, sampling_rate=16000, truncation=False, return_attention_mask=True)
    assert np.array_equal(found.input_features[0], expected)
    assert found.attention_mask.shape == (1, 6000) and found.attention_mask.sum() == 3625
    assert windowed(x, sampling_rate=16000).input_features.shape == (1, 80, 3000)
    # Without windows there is one maximum, of which the quiet end is far.
    whole = of("whisper-80", window="recording")(x, sampling_rate=16000).input_features
    assert whole.shape == (1, 80, 3625)
    assert np.array_equal(whole[0].T, ossicle.Extractor("whisper-80")(x))
    assert np.abs(whole[0] - expected[:, :3625]).max() > 0.1
    assert of("whisper-80", window="recording")(x, sampling_rate=16000, max_length=9000).input_features.shape[2] == 56


def test_cohere_s_are_parakeet_s_of_pieces_that_end_where_it_is_quiet() -> None:
    x = (noise(40 * 16000) / 32768).astype(np.float32)
    x[33 * 16000 : 34 * 16000] *= 0.01
    extractor = feature_extractor(config("cohere") | {"dither": 0.0})
    batch = extractor([x, x[:16000]], sampling_rate=16000, return_tensors="np")
    assert batch.audio_chunk_index == [(0, 0), (0, 1), (1, None)]
    # The windows begin at 30 s, every 0.1 s.
    end = batch.attention_mask[0].sum() * 160
    assert 33 * 16000 <= end < 34 * 16000 and end % 1600 == 0
    pieces = [x[:end], x[end:], x[:16000]]
    expected = of("parakeet128")(pieces, sampling_rate=16000, return_tensors="np")
    assert np.array_equal(batch.input_features, expected.input_features)


def test_omniasr_s_are_standardized_samples_with_a_channel() -> None:
    xs = [noise(16000) / 32768, noise(9000) / 327680]
    batch = of("omniasr")(xs, sampling_rate=16000, return_tensors="np")
    assert batch.input_values.shape == (2, 1, 16000) and batch.padding_mask.sum(axis=1).tolist() == [16000, 9000]
    second = batch.input_values[1, 0, :9000]
    assert second.mean() == pytest.approx(0, abs=1e-5) and not batch.input_values[1, 0, 9000:].any()
    # The variance of quiet ones is below 1 by what is added to it.
    assert second.var() == pytest.approx(xs[1].var() / (xs[1].var() + 1e-5), rel=1e-3)


def test_a_batch_is_a_dict_with_attributes() -> None:
    extractor = of("parakeet")
    batch = extractor([noise(16000), noise(8000)], sampling_rate=16000, return_tensors="np")
    assert list(batch) == ["input_features", "attention_mask"] and batch["attention_mask"] is batch.attention_mask
    again = pickle.loads(pickle.dumps(batch))
    assert isinstance(again, BatchFeature) and np.array_equal(again.input_features, batch.input_features)
    with pytest.raises(AttributeError):
        batch.labels  # noqa: B018
    copied = pickle.loads(pickle.dumps(extractor))
    other = copied([noise(16000), noise(8000)], sampling_rate=16000, return_tensors="np")
    assert np.array_equal(other.input_features, batch.input_features)
    assert extractor.to_dict()["feature_extractor_type"] == "ParakeetFeatureExtractor" and extractor.hop_length == 160
    assert 'kind = "mel"' in extractor.recipe


def test_other_libraries_tensors_are_made_by_their_own_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    extractor, x = of("whisper-80"), noise(9000)
    for name, module, function in (("tf", "tensorflow", "convert_to_tensor"), ("pt", "torch", "from_numpy")):
        stand_in = types.ModuleType(module)
        setattr(stand_in, function, lambda array: ("a tensor", array.shape))
        stand_in.Tensor = tuple  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module, stand_in)
        batch = extractor(x, sampling_rate=16000, return_tensors=name)
        assert batch.input_features == ("a tensor", (1, 80, 3000))
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ImportError, match=f'return_tensors="{name}" takes {module}, which is not installed'):
            extractor(x, sampling_rate=16000, return_tensors=name)


def test_threads_give_the_same() -> None:
    xs = [noise(16000 + 997 * n, n) / 32768 for n in range(5)]
    batches = [of("seamless", jobs=jobs)(xs, sampling_rate=16000) for jobs in (1, 3)]
    assert np.array_equal(batches[0].input_features, batches[1].input_features)
