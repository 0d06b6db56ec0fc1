"""For lhotse: features computed by ossicle, features read from its datasets, and recordings decoded by it.

Importing it registers the extractor as ``ossicle``, the storage of features as ``ossicle_dataset``, and the audio backend
as ``OssicleBackend``:

    cuts.compute_and_store_features(OssicleExtractor(OssicleConfig("kaldi-fbank80")), "feats", num_jobs=4)
    cuts = with_features(cuts, "dataset")           # what `ossicle extract cuts.jsonl.gz --out dataset` has made
    lhotse.set_current_audio_backend("OssicleBackend")
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

try:
    import torch
    from lhotse import Features
    from lhotse.audio.backend import AudioBackend, LibsndfileCompatibleAudioInfo
    from lhotse.features.base import FeatureExtractor, register_extractor
    from lhotse.features.io import FeaturesReader, register_reader
    from lhotse.utils import compute_num_frames_from_samples, compute_num_samples
except ModuleNotFoundError as error:
    if error.name not in ("lhotse", "torch"):
        raise
    raise ImportError(f"ossicle.lhotse needs {error.name}, which is not installed: pip install {error.name}") from None

from ossicle import Extractor, audio_info, load_audio
from ossicle._errors import wrong
from ossicle.dataset import Dataset, Split, Utterance

__all__ = ["OssicleBackend", "OssicleConfig", "OssicleExtractor", "OssicleReader", "with_features"]


@dataclass
class OssicleConfig:
    """What `OssicleExtractor` computes."""

    recipe: str = "lhotse-fbank"
    """A preset's name, the path of a recipe, or a recipe's text."""
    sampling_rate: int = 16000
    """The rate of the samples."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Keys of the recipe that are set: ``{"num_mel_bins": 40}``."""
    dataset: str | None = None
    """A dataset whose recipe and statistics are taken instead."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as a dictionary, for JSON and YAML."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> OssicleConfig:
        """Make it of a dictionary."""
        return OssicleConfig(**data)


@register_extractor
class OssicleExtractor(FeatureExtractor):
    """The features of a recipe, as one of lhotse's extractors.

    lhotse has a frame for each shift, to the nearest. Where a recipe has one less, as Whisper's may, the last frame is
    repeated, and where it has one more, that is cut off; recipes of whole frames alone (``edges = "snip"``) are refused.
    """

    name = "ossicle"
    config_type = OssicleConfig

    def __init__(self, config: OssicleConfig | None = None) -> None:
        super().__init__(config)
        rate: int = self.config.sampling_rate
        if self.config.dataset is not None:
            self._extractor = Extractor.from_dataset(self.config.dataset, sample_rate_hz=rate)
        else:
            self._extractor = Extractor(self.config.recipe, sample_rate_hz=rate, **self.config.settings)
        names = self._extractor.array_names
        if len(names) > 1:
            raise wrong(f"the recipe has several arrays ({', '.join(names)}), and lhotse takes one")

    @property
    def frame_shift(self) -> float:
        """The time from one frame to the next, in seconds."""
        return self._extractor.frame_shift_s

    def feature_dim(self, sampling_rate: int) -> int:
        """Return the number of columns."""
        return self._extractor.dim

    def extract(self, samples: Any, sampling_rate: int) -> Any:
        """Compute the features of a recording.

        Args:
            samples: ``[num_samples]`` or ``[1, num_samples]``, an array or a tensor.

        Returns:
            float32 ``[num_frames, num_features]``, an array, or a tensor of a tensor.

        Raises:
            Error: They are of another rate, of several channels, or too few for the recipe.
        """
        [rows] = self._rows([samples], sampling_rate)
        return torch.from_numpy(rows) if isinstance(samples, torch.Tensor) else rows

    def extract_batch(self, samples: Any, sampling_rate: int, lengths: Any = None) -> Any:
        """Compute the features of several recordings on all cores, on one within a worker of a DataLoader.

        Args:
            samples: A list of recordings of any lengths, or ``[batch, num_samples]``; arrays or tensors.
            lengths: How many samples of each are its own, where they are padded.

        Returns:
            Features of the same length in one array ``[batch, num_frames, num_features]``, others as a list; of tensors,
            tensors.
        """
        is_list = isinstance(samples, (list, tuple))
        several = list(samples) if is_list or samples.ndim > 1 else [samples]
        if lengths is not None:
            several = [one[..., : int(length)] for one, length in zip(several, lengths, strict=True)]
        is_torch = any(isinstance(one, torch.Tensor) for one in several)
        found = self._rows(several, sampling_rate)
        if len(found) == 1:
            result: Any = found if is_list else found[0]
        else:
            result = np.stack(found) if len({rows.shape for rows in found}) == 1 else found
        if not is_torch:
            return result
        return [torch.from_numpy(rows) for rows in result] if isinstance(result, list) else torch.from_numpy(result)

    def _rows(self, several: list[Any], sampling_rate: int) -> list[npt.NDArray[np.float32]]:
        if sampling_rate != self.config.sampling_rate:
            text = f"the samples are at {sampling_rate} Hz, and the extractor is for {self.config.sampling_rate}"
            raise wrong(text, f"resample the cuts, or pass OssicleConfig(sampling_rate={sampling_rate})")
        jobs = None if torch.utils.data.get_worker_info() is None else 1
        recordings = [_mono(one) for one in several]
        found = self._extractor(recordings, jobs=jobs)
        pairs = zip(found, recordings, strict=True)
        return [self._fitted(rows, one.shape[-1]) for rows, one in pairs]

    def _fitted(self, rows: Any, num_samples: int) -> npt.NDArray[np.float32]:
        """As many rows as lhotse expects, where there is one more or less. They are nobody else's."""
        expected = compute_num_frames_from_samples(num_samples, self.frame_shift, self.config.sampling_rate)
        if not len(rows) or abs(len(rows) - expected) > 1:
            text = f"{num_samples} samples have {len(rows)} frames by this recipe, and lhotse expects {expected}"
            raise wrong(text, 'pass OssicleConfig(settings={"edges": "symmetric"}), which has a frame for each shift')
        return np.array(rows[np.minimum(np.arange(expected), len(rows) - 1)])


def _mono(samples: Any) -> Any:
    """Samples of one channel, without an axis for it."""
    if samples.ndim == 1:
        return samples
    if samples.ndim != 2 or samples.shape[0] != 1:
        raise wrong(f"samples have the shape {tuple(samples.shape)}; one channel is taken", "pass cuts of one channel")
    return samples[0]


@register_reader
class OssicleReader(FeaturesReader):
    """Features of an ossicle dataset, of which a cut's frames alone are read.

    Args:
        storage_path: The folder of a split: ``dataset/train``.
    """

    name = "ossicle_dataset"

    def __init__(self, storage_path: str | os.PathLike[str], *args: Any, **kwargs: Any) -> None:
        self._path = os.fspath(storage_path)

    def read(self, key: str, left_offset_frames: int = 0, right_offset_frames: int | None = None) -> npt.NDArray[Any]:
        """Return frames of an utterance.

        Args:
            key: Its id, and the array's name behind a newline where that is another than ``features``.
        """
        id, _, array = key.partition("\n")
        rows = _split(self._path)[id][array or "features"]
        # A copy, as tensors are made of it.
        return np.array(rows[left_offset_frames:right_offset_frames])


def with_features(
    cuts: Any,
    dataset: str | os.PathLike[str],
    *,
    split: str | None = None,
    array: str = "features",
    missing: Literal["error", "drop"] = "error",
) -> Any:
    """Let cuts have the features of a dataset, which are read when they are loaded, and as much of them as is.

    A cut's features are those of the utterance with its id, or of its supervision's or its recording's, which ossicle has
    named utterances by.

    Args:
        cuts: A ``CutSet``, which may be lazy.
        dataset: The dataset that ``ossicle extract`` has made of the cuts, recordings or supervisions.
        split: The split that they are in; by default the first that has the id.
        array: The array that is taken.
        missing: What a cut without features does: ``"error"``, or ``"drop"``, which leaves it out.

    Returns:
        A ``CutSet``.

    Raises:
        Error: A cut has no features there.
        DatasetError: It is no dataset, or a damaged one.
    """
    if missing not in ("error", "drop"):
        raise wrong(f'missing is {missing!r}; it must be "error" or "drop"')
    found = _Features(Path(dataset).absolute(), split, array, missing == "error")
    attached = cuts.map(found)
    return attached if missing == "error" else attached.filter(_has_features)


def _has_features(cut: Any) -> bool:
    return bool(cut.has_features)


class _Features:
    """Attaches a dataset's features to a cut; it travels to other processes."""

    def __init__(self, path: Path, split: str | None, array: str, must_be: bool) -> None:
        opened = _dataset(str(path))
        self._path, self._array, self._must_be = path, array, must_be
        self._names = list(opened) if split is None else [split]
        if array not in opened.arrays:
            raise wrong(f"there is no array {array!r} in {path}; there are {', '.join(opened.arrays)}")
        for name in self._names:
            opened[name]

    def __call__(self, cut: Any) -> Any:
        utterance = self._utterance(cut)
        if utterance is None:
            if self._must_be:
                raise wrong(f"{self._path} has no features of cut {cut.id!r}", 'pass missing="drop" to leave such out')
            return cut.drop_features()
        new = cut.drop_features()
        new.features = self._features(cut, utterance)
        return new

    def _utterance(self, cut: Any) -> Utterance | None:
        """The utterance that has the whole of a cut."""
        ids = [cut.id, *(supervision.id for supervision in cut.supervisions), cut.recording_id]
        for name in self._names:
            split = _dataset(str(self._path))[name]
            for id in ids:
                if id in split:
                    utterance: Utterance = split[id]
                    if utterance.num_frames and _holds(utterance, cut):
                        return utterance
        return None

    def _features(self, cut: Any, utterance: Utterance) -> Features:
        split = utterance.split
        said = split.card.said["arrays"][self._array]
        frame = split.card.said["frame"]
        if frame is None:
            raise wrong(f"{self._path} has frames of several lengths, and lhotse takes one", "resample the recordings")
        start, end = _span(utterance)
        return Features(
            type=OssicleExtractor.name,
            num_frames=utterance.num_frames,
            num_features=max(said["columns"], 1),
            frame_shift=frame["shift"] / frame["sample_rate_hz"],
            sampling_rate=frame["sample_rate_hz"],
            start=start,
            duration=round(end - start, 8),
            storage_type=OssicleReader.name,
            storage_path=str(self._path / split.name),
            storage_key=utterance.id if self._array == "features" else f"{utterance.id}\n{self._array}",
            recording_id=cut.recording_id,
            channels=cut.channel,
        )


def _holds(utterance: Utterance, cut: Any) -> bool:
    """Whether an utterance is of a cut's channel, and has the whole of its stretch."""
    start, end = _span(utterance)
    channel = utterance.row["channel"]
    # Of recordings with one channel, or where the first was asked for, and of mixtures of all.
    channels = [int(channel)] if channel.isdigit() else cut.recording.channel_ids[: 1 if channel == "first" else None]
    # As near as lhotse itself has it.
    return cut.channel in channels and start <= cut.start + 1e-3 and cut.end <= end + 1e-3


def _span(utterance: Utterance) -> tuple[float, float]:
    """From where to where in its recording an utterance is, in seconds."""
    row = utterance.row
    rate = row["sample_rate_hz"]
    return row["start_sample"] / rate, row["end_sample"] / rate


def _split(path: str) -> Split:
    folder = Path(path)
    return _dataset(str(folder.parent))[folder.name]


def _dataset(path: str) -> Dataset:
    """A dataset, opened once while its card stays the same."""
    try:
        stat = os.stat(Path(path, "dataset.json"))
        stamp = (stat.st_mtime_ns, stat.st_ino)
    except FileNotFoundError:
        stamp = (0, 0)
    return _opened(path, stamp)


@lru_cache(maxsize=32)
def _opened(path: str, stamp: tuple[int, int]) -> Dataset:
    return Dataset(path)


class OssicleBackend(AudioBackend):
    """Decodes recordings by ossicle, of every kind that it knows: ``lhotse.set_current_audio_backend("OssicleBackend")``."""

    def read_audio(
        self,
        path_or_fd: Any,
        offset: float = 0.0,
        duration: float | None = None,
        force_opus_sampling_rate: int | None = None,
    ) -> tuple[npt.NDArray[np.float32], int]:
        """Return float32 samples ``[num_channels, num_samples]``, and their rate."""
        source = _source(path_or_fd)
        said = audio_info(source)
        wanted: dict[str, Any] = {"start_sample": compute_num_samples(offset, said.sample_rate_hz)}
        if duration is not None:
            wanted["num_samples"] = compute_num_samples(duration, said.sample_rate_hz)
        if force_opus_sampling_rate is not None and "opus" in said.encoding.lower():
            wanted["sample_rate_hz"] = force_opus_sampling_rate
        channels = [load_audio(source, channel=channel, **wanted) for channel in range(said.channels)]
        return np.stack([samples for samples, _ in channels]), channels[0][1]

    def info(self, path_or_fd: Any, force_opus_sampling_rate: int | None = None) -> LibsndfileCompatibleAudioInfo:
        """Return channels, samples, rate and duration; where no header has it, a recording is decoded for it."""
        source = _source(path_or_fd)
        said = audio_info(source)
        rate, frames = said.sample_rate_hz, said.num_samples
        if frames is None:
            frames = len(load_audio(source)[0])
        duration = frames / rate
        if force_opus_sampling_rate is not None and "opus" in said.encoding.lower():
            rate = force_opus_sampling_rate
            frames = compute_num_samples(duration, rate)
        return LibsndfileCompatibleAudioInfo(said.channels, frames, rate, duration)

    def supports_info(self) -> bool:
        """It does."""
        return True


def _source(path_or_fd: Any) -> Any:
    """A path, or the bytes of a file."""
    return path_or_fd.read() if hasattr(path_or_fd, "read") else path_or_fd
