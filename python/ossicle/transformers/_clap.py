"""CLAP's: mel energies of 10 s, of which what is longer is chosen by chance."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ossicle._errors import wrong
from ossicle._extractor import Extractor
from ossicle.transformers._base import FeatureExtractor, Rows
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._speech import Samples, recordings


class ClapFeatureExtractor(FeatureExtractor):
    """CLAP's. What it chooses by chance it asks NumPy's generator for, as the original does: `numpy.random.seed` makes
    both choose the same.
    """

    model_input_names: ClassVar[list[str]] = ["input_features", "is_longer"]
    defaults: ClassVar[dict[str, Any]] = {
        "feature_size": 64,
        "sampling_rate": 48000,
        "hop_length": 480,
        "max_length_s": 10,
        "truncation": "fusion",
        "padding": "repeatpad",
        "return_attention_mask": False,
    }

    hop_length: int
    max_length_s: int
    truncation: str
    padding: str

    def __init__(self, *, jobs: int | None = None, **config: Any) -> None:
        super().__init__(jobs=jobs, **config)
        self.nb_max_samples = self.max_length_s * self.sampling_rate

    def __call__(
        self,
        raw_speech: Any,
        truncation: str | None = None,
        padding: Any = None,
        max_length: int | None = None,
        sampling_rate: int | None = None,
        return_tensors: Any = None,
        **kwargs: Any,
    ) -> BatchFeature:
        """Compute ``input_features`` ``[batch, 4 or 1, num_frames, feature_size]``, and ``is_longer`` ``[batch, 1]``.

        Args:
            raw_speech: A recording, a list of them, or an array of which each row is one; samples as they stand.
            truncation: Of longer recordings: ``"fusion"``, all of it, shrunk, and three stretches of it; or
                ``"rand_trunc"``, one stretch.
            padding: Of shorter ones: ``"repeatpad"``, whole repetitions and zeros; ``"repeat"``; or ``"pad"``, zeros.
            max_length: In samples; by default that of 10 s.
            sampling_rate: That of the recordings, which has to be the model's.
            return_tensors: ``"np"``, ``"pt"``, or None for lists of arrays.
            **kwargs: Passed over, as they are there.
        """
        truncation = self.truncation if truncation is None else truncation
        padding = self.padding if padding in (None, True) else padding
        if truncation not in ("fusion", "rand_trunc"):
            raise wrong(f'truncation is {truncation!r}; it must be "fusion" or "rand_trunc"')
        self._check_rate(sampling_rate)
        max_length = max_length or self.nb_max_samples
        xs = recordings(raw_speech)
        take = self._fused if truncation == "fusion" else self._stretched
        mels, is_longer = take(xs, max_length, padding, self._plan({"truncation": truncation}))
        return BatchFeature({"input_features": mels, "is_longer": [[longer] for longer in is_longer]}, return_tensors)

    def _stretched(
        self, xs: list[Samples], max_length: int, padding: Any, extractor: Extractor
    ) -> tuple[list[Rows], list[bool]]:
        """One stretch of each."""
        cut = []
        for x in xs:
            if len(x) > max_length:
                first = np.random.randint(0, len(x) - max_length + 1)
                cut.append(x[first : first + max_length])
            else:
                cut.append(_completed(x, max_length, padding))
        return [rows[None] for rows in self._rows(cut, extractor)], [len(x) > max_length for x in xs]

    def _fused(
        self, xs: list[Samples], max_length: int, padding: Any, extractor: Extractor
    ) -> tuple[list[Rows], list[bool]]:
        """All of each, shrunk, and three stretches; of a shorter one four times the same."""
        all_rows = self._rows([_completed(x, max_length, padding) for x in xs], extractor)
        num_frames = max_length // self.hop_length + 1
        mels, is_longer = [], []
        for rows in all_rows:
            is_longer.append(len(rows) > num_frames)
            mels.append(_of_chance(rows, num_frames) if is_longer[-1] else np.stack([rows] * 4))
        if not any(is_longer):
            # The model's fusion is asked for once a batch at least.
            is_longer[np.random.randint(0, len(xs))] = True
        return mels, is_longer


def _completed(x: Samples, max_length: int, padding: Any) -> Samples:
    """Complete a shorter recording: repeated and cut, whole repetitions and zeros, or zeros alone."""
    if len(x) >= max_length:
        return x
    if padding == "repeat":
        return np.tile(x, max_length // len(x) + 1)[:max_length]
    if padding == "repeatpad":
        x = np.tile(x, max_length // len(x))
    return np.pad(x, (0, max_length - len(x)))


def _of_chance(rows: Rows, num_frames: int) -> Rows:
    """All rows shrunk to so many, and a stretch of each third of the places where one may begin."""
    thirds = np.array_split(np.arange(len(rows) - num_frames + 1), 3)
    firsts = [np.random.choice(third if len(third) else np.zeros(1, dtype=int)) for third in thirds]
    return np.stack([_shrunk(rows, num_frames), *(rows[first : first + num_frames] for first in firsts)])


def _shrunk(rows: Rows, num_frames: int) -> Rows:
    """Interpolate between rows: of each new row's centre, those of the two that it lies between."""
    centre = (np.arange(num_frames) + 0.5) * (len(rows) / num_frames) - 0.5
    before = np.clip(np.floor(centre).astype(int), 0, len(rows) - 1)
    after = np.minimum(before + 1, len(rows) - 1)
    part = np.clip(centre - before, 0.0, 1.0).astype(np.float32)[:, None]
    return np.asarray(rows[before] * (1 - part) + rows[after] * part, dtype=np.float32)
