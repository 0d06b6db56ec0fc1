"""What the classes have in common: their configuration, their recipe, and how a batch is put together."""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from ossicle import _ossicle
from ossicle._call import num_threads
from ossicle._errors import wrong
from ossicle._extractor import Extractor
from ossicle.transformers._batch import BatchFeature, in_one_row, is_tensor
from ossicle.transformers._config import as_json, read_config
from ossicle.transformers._padding import Lengths, Padding
from ossicle.transformers._speech import Samples

if TYPE_CHECKING:
    from typing_extensions import Self

logger = logging.getLogger("ossicle.transformers")

Rows = npt.NDArray[np.float32]


class FeatureExtractor:
    """A class of transformers' feature extractors: called with recordings, it returns a `BatchFeature`.

    The keys of its configuration are attributes, with what its original has for those that are left away.

    Args:
        jobs: Threads for several recordings; by default one a core.
        **config: Keys of the configuration.

    Raises:
        Error: A key is not known, or has a value that ossicle does not compute.
    """

    model_input_names: ClassVar[list[str]] = ["input_features"]
    """The keys of what it returns that a model takes; the first is that of the features."""

    defaults: ClassVar[dict[str, Any]] = {}
    """The keys that padding depends on, with what stands for them where they are left away."""

    feature_size: int
    sampling_rate: int
    padding_value: float
    padding_side: str
    return_attention_mask: bool

    def __init__(self, *, jobs: int | None = None, **config: Any) -> None:
        config.setdefault("feature_extractor_type", type(self).__name__)
        common = {"padding_value": 0.0, "padding_side": "right", "return_attention_mask": True, "sampling_rate": 16000}
        self._config = common | self.defaults | config
        self.__dict__.update(self._config)
        if self.padding_side not in ("right", "left"):
            raise wrong(f'padding_side is {self.padding_side!r}; it must be "right" or "left"')
        self._jobs = num_threads(jobs)
        self._given = config
        self._is_told = False
        self._planned: dict[tuple[tuple[str, Any], ...], Extractor] = {}
        self._extractor = self._plan()

    @classmethod
    def from_pretrained(cls, path: str | os.PathLike[str], **settings: Any) -> Self:
        """Make one of a model's folder on this machine, or of a file in it; nothing is downloaded.

        Args:
            path: The folder or the file.
            **settings: Further arguments, and keys that have another value.
        """
        return cls(**{**read_config(path), "feature_extractor_type": cls.__name__, **settings})

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration."""
        return dict(self._config)

    def __repr__(self) -> str:
        return f"<ossicle.transformers {type(self).__name__} at {self.sampling_rate} Hz>"

    @property
    def recipe(self) -> str:
        """The recipe that its numbers are those of, in TOML."""
        return self._extractor.recipe

    def _plan(self, config: Mapping[str, Any] | None = None, /, **settings: Any) -> Extractor:
        """Plan the recipe of the configuration, once.

        Args:
            config: Keys that have another value.
            **settings: Keys of the recipe that have another value.
        """
        config = config or {}
        key = (*sorted(config.items()), *sorted(settings.items()))
        if key not in self._planned:
            text = as_json({**self._given, **config})
            translated = _ossicle.foreign_recipe("preprocessor_config.json", text)
            if translated is None:
                raise wrong(f"{self._given['feature_extractor_type']} is not known")
            self._planned[key] = Extractor(translated[1], **settings)
        return self._planned[key]

    def _check_rate(self, sampling_rate: int | None) -> None:
        if sampling_rate is None:
            if not self._is_told:
                self._is_told = True
                logger.warning(
                    "pass sampling_rate to %s: recordings of another rate than %d Hz are not known otherwise",
                    type(self).__name__,
                    self.sampling_rate,
                )
        elif sampling_rate != self.sampling_rate:
            raise wrong(
                f"The model corresponding to this feature extractor: {type(self).__name__} was trained using a sampling"
                f" rate of {self.sampling_rate}. Please make sure that the provided `raw_speech` input was sampled with"
                f" {self.sampling_rate} and not {sampling_rate}.",
                f"ossicle.resample(x, {sampling_rate}, {self.sampling_rate}) comes before",
            )

    def _lengths(self, padding: Padding, found: Sequence[int]) -> Lengths:
        kept = [padding.kept(length) for length in found]
        return Lengths(kept, padding.totals(kept), self.padding_side)

    def _is_masked(self, return_attention_mask: bool | None) -> bool:
        return self.return_attention_mask if return_attention_mask is None else bool(return_attention_mask)

    def _rows(self, xs: Sequence[Samples] | npt.NDArray[Any], extractor: Extractor | None = None) -> list[Rows]:
        """Compute the rows of each recording, of which there is one at least."""
        extractor = extractor or self._extractor
        if len(xs) == 1:
            return [extractor(xs[0])]
        return list(extractor(xs, jobs=self._jobs))

    def pad(
        self,
        processed_features: Any,
        padding: Any = True,
        max_length: int | None = None,
        truncation: bool = False,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: Any = None,
    ) -> BatchFeature:
        """Pad features that are computed already, and put them into a batch, as a collator does.

        Args:
            processed_features: A dict of lists, or a list of dicts, one a recording.
            padding: True or ``"longest"``, ``"max_length"``, False or ``"do_not_pad"``.
            max_length: The length to which they are padded or cut.
            truncation: Whether what is longer is cut.
            pad_to_multiple_of: What lengths are a multiple of.
            return_attention_mask: Whether a mask is returned; by default the configuration says it.
            return_tensors: ``"np"``, ``"pt"``; by default that of what is given.
        """
        if isinstance(processed_features, (list, tuple)):
            first = processed_features[0] if processed_features else {}
            processed_features = {key: [of[key] for of in processed_features] for key in first}
        main = self.model_input_names[0]
        if main not in processed_features:
            raise wrong(f"processed_features has no {main}; it has {', '.join(processed_features) or 'nothing'}")
        features = list(processed_features[main])
        if not features:
            return BatchFeature(
                {**processed_features, **({"attention_mask": []} if self._is_masked(return_attention_mask) else {})}
            )
        if return_tensors is None:
            return_tensors = "pt" if is_tensor(features[0]) else "np"
        arrays = [_single(np.asarray(of)) for of in features]
        how = Padding.of(padding, max_length, truncation, pad_to_multiple_of)
        lengths = self._lengths(how, [len(array) for array in arrays])
        batch = {key: value for key, value in processed_features.items() if key not in (main, "attention_mask")}
        batch[main] = lengths.pad(arrays, self.padding_value)
        if "attention_mask" in processed_features:
            masks = [np.asarray(mask) for mask in processed_features["attention_mask"]]
            batch["attention_mask"] = lengths.pad(masks, 0)
        elif self._is_masked(return_attention_mask):
            batch["attention_mask"] = lengths.masks()
        return BatchFeature({key: batch[key] for key in (main, *batch)}, return_tensors)


def _single(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array.astype(np.float32) if array.dtype == np.float64 else array


def tensors_or(return_tensors: Any) -> Any:
    """Return the type of a class that makes tensors where none is asked for: arrays where PyTorch is not installed."""
    if return_tensors is not None:
        return return_tensors
    return "pt" if importlib.util.find_spec("torch") else "np"


def placed(batch: BatchFeature, device: Any) -> BatchFeature:
    """Send what are tensors of PyTorch to a device."""
    is_here = device is None or str(device) == "cpu" or not any(map(is_tensor, batch.values()))
    return batch if is_here else batch.to(device)


def stacked(arrays: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Make one array of several, of objects where they differ in length."""
    return np.stack(arrays) if len({array.shape for array in arrays}) == 1 else in_one_row(arrays)
