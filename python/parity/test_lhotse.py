"""lhotse computes, stores and reads features by ossicle, and decodes recordings by it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import lhotse
import made
import numpy as np
import ossicle
import pytest
import torch
from lhotse import CutSet, Fbank, FbankConfig, Recording, RecordingSet, SupervisionSegment, SupervisionSet
from lhotse.dataset import K2SpeechRecognitionDataset, SimpleCutSampler
from lhotse.dataset.input_strategies import OnTheFlyFeatures, PrecomputedFeatures
from lhotse.features.base import FeatureExtractor, create_default_feature_extractor
from ossicle.lhotse import OssicleBackend, OssicleConfig, OssicleExtractor, with_features

RATE = 16000


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Manifests of three recordings, the last of two channels, with stretches of each."""
    folder = tmp_path_factory.mktemp("lhotse")
    recordings, supervisions = [], []
    for number, length in enumerate((48000, 48777, 50001)):
        samples = made.noise(length, number)
        if number == 2:
            samples = np.stack([samples, made.noise(length, 9)], axis=1)
        path = folder / f"r{number}.wav"
        made.write_wave(path, samples)
        recordings.append(Recording.from_file(path))
        for part in range(2):
            stretch = {"start": float(part), "duration": 0.95 + 0.013 * part, "channel": int(number == 2)}
            supervisions.append(
                SupervisionSegment(id=f"s{number}-{part}", recording_id=f"r{number}", text="one", **stretch)
            )
    whole = CutSet.from_manifests(RecordingSet.from_recordings(recordings), SupervisionSet.from_segments(supervisions))
    CutSet.from_cuts(cut for cut in whole if cut.recording_id != "r2").to_file(folder / "cuts.jsonl.gz")
    whole.trim_to_supervisions().to_file(folder / "stretches.jsonl.gz")
    RecordingSet.from_recordings(recordings).to_file(folder / "recordings.jsonl.gz")
    return folder


def extracted(folder: Path, manifest: str, *more: str) -> Path:
    out = folder / f"{manifest}-features{'-'.join(more)}".replace("=", "-")
    if not out.exists():
        done = made.ossicle("extract", folder / f"{manifest}.jsonl.gz", "--out", out, "--preset", "lhotse-fbank", *more)
        assert done.returncode == 0, done.stderr
    return out


def cuts(folder: Path, name: str) -> CutSet:
    return CutSet.from_file(folder / f"{name}.jsonl.gz").to_eager()


def test_the_extractor_gives_what_theirs_gives(folder: Path) -> None:
    ours, theirs = OssicleExtractor(), Fbank(FbankConfig(num_mel_bins=80))
    assert (ours.frame_shift, ours.feature_dim(RATE)) == (theirs.frame_shift, theirs.feature_dim(RATE))
    random = np.random.default_rng(0)
    several = [made.noise(length, length).astype(np.float32) / 32768 for length in random.integers(400, 40_000, 20)]
    for samples in several:
        expected = theirs.extract(samples, RATE)
        for form in (samples, samples[None], torch.from_numpy(samples)):
            found = ours.extract(form, RATE)
            assert type(found) is (torch.Tensor if isinstance(form, torch.Tensor) else np.ndarray)
            assert found.shape == expected.shape and np.abs(np.asarray(found) - expected).max() < 1e-3
    for batch in (several, [torch.from_numpy(one) for one in several], several[:1], np.stack([several[0][:400]] * 3)):
        expected, found = theirs.extract_batch(batch, RATE), ours.extract_batch(batch, RATE)
        assert type(found) is type(expected) and len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert type(one) is type(other) and one.shape == other.shape
    lengths = torch.tensor([len(one) for one in several])
    padded = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(one) for one in several], batch_first=True)
    for one, other in zip(ours.extract_batch(padded, RATE, lengths=lengths), several, strict=True):
        assert torch.equal(one, torch.from_numpy(ours.extract(other, RATE)))


@pytest.mark.parametrize("preset", ["kaldi-fbank", "whisper-80", "kaldi-mfcc-hires", "librosa-mel"])
def test_recipes_have_the_frames_that_lhotse_expects_or_say_what_helps(preset: str) -> None:
    whole = preset.startswith("kaldi")
    extractor = OssicleExtractor(OssicleConfig(preset, settings={"edges": "symmetric"} if whole else {}))
    rate = extractor.config.sampling_rate
    for length in range(rate, rate + 500, 37):
        samples = made.noise(length).astype(np.float32) / 32768
        expected = lhotse.utils.compute_num_frames_from_samples(length, extractor.frame_shift, rate)
        assert len(extractor.extract(samples, rate)) == expected
    if whole:
        with pytest.raises(
            ValueError, match="16000 samples have 98 frames by this recipe, and lhotse expects 100"
        ) as caught:
            OssicleExtractor(OssicleConfig(preset)).extract(made.noise(16000).astype(np.float32) / 32768, rate)
        assert '"edges": "symmetric"' in caught.value.advice


def test_it_is_known_by_name_and_travels_as_a_dictionary(tmp_path: Path) -> None:
    assert isinstance(create_default_feature_extractor("ossicle"), OssicleExtractor)
    extractor = OssicleExtractor(OssicleConfig("kaldi-fbank80", settings={"num_mel_bins": 40, "edges": "symmetric"}))
    samples = made.noise(16000).astype(np.float32) / 32768
    extractor.to_yaml(tmp_path / "extractor.yaml")
    for again in (
        FeatureExtractor.from_dict(json.loads(json.dumps(extractor.to_dict()))),
        FeatureExtractor.from_yaml(tmp_path / "extractor.yaml"),
    ):
        assert type(again) is OssicleExtractor and again.config == extractor.config
        assert np.array_equal(again.extract(samples, RATE), extractor.extract(samples, RATE))
    for call, text in [
        (lambda: extractor.extract(samples, 8000), "the samples are at 8000 Hz, and the extractor is for 16000"),
        (lambda: extractor.extract(np.stack([samples, samples]), RATE), "one channel is taken"),
        (lambda: OssicleExtractor(OssicleConfig("kaldi-fbnk")), "kaldi-fbank"),
    ]:
        with pytest.raises(ValueError, match=text):
            call()


@pytest.mark.parametrize("jobs", [1, 2])
def test_features_are_computed_and_stored(folder: Path, tmp_path: Path, jobs: int) -> None:
    of = cuts(folder, "stretches")
    stored = of.compute_and_store_features(
        OssicleExtractor(), tmp_path / "stored", num_jobs=jobs, storage_type=lhotse.NumpyFilesWriter
    )
    read = {cut.id: cut for cut in with_features(of, extracted(folder, "stretches"))}
    assert len(read) == 6
    for cut in stored:
        lhotse.validate(read[cut.id].features, read_data=True)
        assert np.array_equal(cut.load_features(), read[cut.id].load_features())
    batch = of.compute_and_store_features_batch(
        OssicleExtractor(), tmp_path / "batch", storage_type=lhotse.NumpyFilesWriter, num_workers=0
    )
    for cut in batch:
        assert np.array_equal(cut.load_features(), read[cut.id].load_features())


def test_cuts_load_their_part_of_a_dataset(folder: Path, tmp_path: Path) -> None:
    whole = {cut.recording_id: cut for cut in with_features(cuts(folder, "cuts"), extracted(folder, "cuts"))}
    for cut in whole.values():
        assert cut.load_features().shape == (cut.num_frames, 80)
    # Stretches of recordings that were computed as a whole, by the recordings' names.
    stretches = with_features(cuts(folder, "stretches"), extracted(folder, "recordings"), missing="drop")
    assert {cut.recording_id for cut in stretches} == {"r0", "r1"}, "the other channel of r2 is not there"
    for cut in stretches:
        first = round(cut.start * 100)
        expected = whole[cut.recording_id].load_features()[first : first + cut.num_frames]
        found = cut.load_features()
        assert np.array_equal(found, expected) and found.flags.writeable
        part = cut.truncate(offset=0.2, duration=0.37)
        assert np.array_equal(part.load_features(), expected[20:57])
    with pytest.raises(ValueError, match=r"has no features of cut 's2-0'") as caught:
        list(with_features(cuts(folder, "stretches"), extracted(folder, "recordings")))
    assert 'missing="drop"' in caught.value.advice
    # They are written to manifests, read lazily, and mixed as any others.
    stretches.to_file(tmp_path / "with.jsonl.gz")
    lazy = CutSet.from_jsonl_lazy(tmp_path / "with.jsonl.gz")
    for cut, other in zip(lazy, stretches, strict=True):
        assert np.array_equal(cut.load_features(), other.load_features())
    lazily = with_features(CutSet.from_jsonl_lazy(folder / "stretches.jsonl.gz"), extracted(folder, "stretches"))
    assert lazily.is_lazy and len(list(lazily)) == 6


@pytest.mark.parametrize("workers", [0, 2])
def test_a_dataset_for_training_has_the_same_features_on_the_fly(folder: Path, workers: int) -> None:
    of = with_features(cuts(folder, "stretches"), extracted(folder, "stretches"))
    found = []
    for strategy in (PrecomputedFeatures(), OnTheFlyFeatures(OssicleExtractor())):
        loader = torch.utils.data.DataLoader(
            K2SpeechRecognitionDataset(input_strategy=strategy),
            sampler=SimpleCutSampler(of, max_cuts=3),
            batch_size=None,
            num_workers=workers,
        )
        found.append([batch["inputs"] for batch in loader])
    assert len(found[0]) == 2
    for stored, computed in zip(*found, strict=True):
        assert stored.shape == computed.shape and torch.equal(stored[:, :90], computed[:, :90])


def test_recordings_are_decoded(folder: Path) -> None:
    backend: Any = OssicleBackend()
    for number in (0, 2):
        path = folder / f"r{number}.wav"
        theirs = Recording.from_file(path).load_audio()
        for source in (path, str(path), io.BytesIO(path.read_bytes())):
            samples, rate = backend.read_audio(source)
            assert rate == RATE and samples.dtype == np.float32 and np.array_equal(samples, theirs)
        part, _ = backend.read_audio(path, offset=0.5, duration=1.25)
        assert np.array_equal(part, theirs[:, 8000:28000])
        assert backend.info(path)[:4] == (len(theirs), theirs.shape[1], RATE, theirs.shape[1] / RATE)
    with lhotse.audio.backend.audio_backend("OssicleBackend"):
        recording = Recording.from_file(folder / "r2.wav")
        assert recording.num_channels == 2 and np.array_equal(recording.load_audio(), theirs)
        [cut] = [cut for cut in cuts(folder, "stretches") if cut.id == "s2-1"]
        assert np.array_equal(cut.load_audio(), theirs[1:, 16000:31408])
    with pytest.raises(ossicle.AudioError):
        backend.read_audio(io.BytesIO(b"nothing"))
