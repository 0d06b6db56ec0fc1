"""Features of a column of recordings, for `map_batches`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

import ossicle
from ossicle._audio import load_audio, resample
from ossicle._errors import whole, wrong
from ossicle._extractor import Extractor, Recipe

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

Batch = dict[str, "npt.NDArray[Any]"]


class Features:
    """Computes the features of a column of recordings: a class for `ray.data.Dataset.map_batches`, whose actors keep its tables.

    ::

        ds = ray.data.read_binary_files("s3://bucket/audio", include_paths=True)
        ds = ds.map_batches(ossicle.ray.Features, fn_constructor_kwargs={"preset": "kaldi-fbank"}, concurrency=8)

    A recording is the bytes of a file of any kind that `ossicle.load_audio` reads, or an array of samples; or a dict with
    ``bytes`` or ``path``, or with ``array`` and ``sampling_rate``, as `datasets` of Hugging Face has them.

    Args:
        preset: What to compute: a preset's name.
        recipe: Or a recipe's path or text, a model's own file, or an `Extractor`, whose statistics are used too.
        column: The column of recordings; by default ``"bytes"`` or ``"audio"``, whichever there is.
        sampling_rate_column: The column of the rates of arrays, in Hz.
        sampling_rate: The rate of arrays, in Hz, where no column says it; by default the recipe's.
        sample_rate_hz: The rate that features are computed at: recordings of another are resampled. By default the recipe's, or
            16000.
        channel: Which channel of a file: ``"first"``, ``"mix"``, or its number from 0.
        id_column: The column of the names that a recipe's noise depends on.
        pad_to, layout, dtype: As calling an `Extractor` takes them.
        output: The column that rows go to, an array ``[num_frames, dim]`` each. A recipe of several arrays has a column of the
            name of each.
        error_column: The column that says why a recording has no features; it is empty otherwise.
        errors: ``"keep"``: a bad recording has features of no frames, and `error_column` says why; ``"raise"``: it ends the
            job.
        keep: Whether the column of recordings is kept.
        **settings: Keys of the recipe, ``num_mel_bins=40``.

    Raises:
        Error: There is no such preset or key, or nothing says what to compute.
    """

    def __init__(
        self,
        preset: str | None = None,
        *,
        recipe: Recipe | Extractor | None = None,
        column: str | None = None,
        sampling_rate_column: str | None = None,
        sampling_rate: int | None = None,
        sample_rate_hz: int | None = None,
        channel: Literal["first", "mix"] | int = "first",
        id_column: str | None = None,
        pad_to: int | None = None,
        layout: Literal["frames", "columns"] = "frames",
        dtype: npt.DTypeLike | None = None,
        output: str = "features",
        error_column: str = "error",
        errors: Literal["keep", "raise"] = "keep",
        keep: bool = True,
        **settings: Any,
    ) -> None:
        if errors not in ("keep", "raise"):
            raise wrong(f'errors is {errors!r}; it must be "keep" or "raise"')
        self._extractor = _extractor(preset, recipe, sample_rate_hz, settings)
        self._column, self._rate_column, self._rate_hz = column, sampling_rate_column, sampling_rate
        self._channel, self._id_column = channel, id_column
        self._options: dict[str, Any] = {"pad_to": pad_to, "layout": layout, "dtype": dtype}
        arrays = self._extractor._arrays
        self._outputs = [output] if len(arrays) == 1 else [name for name, _ in arrays]
        # Of no frames: Arrow has no column of arrays and of nothing.
        shapes = [(0, len(columns))[:: -1 if layout == "columns" else 1] for _, columns in arrays]
        self._empty = [np.empty(shape, dtype=dtype or np.float32) for shape in shapes]
        self._error_column, self._raises, self._keeps = error_column, errors == "raise", keep

    def __call__(self, batch: Batch) -> Batch:
        """Return the batch with columns of features and of errors."""
        column = self._column or next((name for name in ("bytes", "audio") if name in batch), None)
        if column is None or column not in batch:
            raise wrong(f"the batch has no column {column or 'bytes'!r}, but {', '.join(batch)}", "pass column=")
        rows: list[list[npt.NDArray[Any]]] = []
        errors: list[str] = []
        for at, recording in enumerate(batch[column]):
            try:
                rows.append(self._rows(recording, at, batch))
                errors.append("")
            except (ossicle.Error, OSError, KeyError, TypeError) as error:
                if self._raises:
                    raise
                rows.append(self._empty)
                errors.append(_sentence(error))
        result = {name: of for name, of in batch.items() if self._keeps or name != column}
        for at, name in enumerate(self._outputs):
            result[name] = _objects([of[at] for of in rows])
        result[self._error_column] = _objects(errors)
        return result

    def _rows(self, recording: Any, at: int, batch: Batch) -> list[npt.NDArray[Any]]:
        """Compute the rows of each array of a recording."""
        options = dict(self._options)
        if self._id_column is not None:
            options["id"] = str(batch[self._id_column][at])
        rate_hz = None if self._rate_column is None else batch[self._rate_column][at]
        rows = self._extractor(self._samples(recording, rate_hz), **options)
        return list(rows.values()) if isinstance(rows, dict) else [rows]

    def _samples(self, recording: Any, rate_hz: Any) -> Any:
        wanted_hz = self._extractor.sample_rate_hz
        if isinstance(recording, dict):
            array = recording.get("array")
            if array is not None:
                return self._resampled(array, recording.get("sampling_rate", rate_hz))
            source = recording.get("bytes")
            recording = recording.get("path") if source is None else source
        if recording is None:
            raise wrong("there is no recording")
        if isinstance(recording, (bytes, bytearray, memoryview, str)):
            source = recording if isinstance(recording, str) else bytes(recording)
            return load_audio(source, sample_rate_hz=wanted_hz, channel=self._channel)[0]
        return self._resampled(recording, rate_hz)

    def _resampled(self, samples: Any, rate_hz: Any) -> Any:
        """Take an array at the rate that features are computed at."""
        rate_hz = self._rate_hz if rate_hz is None else rate_hz
        wanted_hz = self._extractor.sample_rate_hz
        if isinstance(samples, (list, tuple)) or getattr(samples, "dtype", None) == object:
            samples = np.asarray(samples, dtype=np.float32)
        if rate_hz is None or (found := whole(rate_hz, "the sampling rate", 1, (1 << 32) - 1)) == wanted_hz:
            return samples
        return resample(samples, found, wanted_hz)


def _extractor(
    preset: str | None, recipe: Recipe | Extractor | None, sample_rate_hz: int | None, settings: Mapping[str, Any]
) -> Extractor:
    if (preset is None) == (recipe is None):
        raise wrong("preset and recipe exclude each other, and one of them says what to compute")
    if not isinstance(recipe, Extractor):
        return Extractor(preset or recipe, sample_rate_hz=sample_rate_hz, **settings)  # type: ignore[arg-type]
    if settings or sample_rate_hz is not None:
        raise wrong("an Extractor has its settings and its rate", "make it with those")
    return recipe


def _objects(values: list[Any]) -> npt.NDArray[np.object_]:
    """Return an array of anything, which NumPy does not look into."""
    array = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        array[at] = value
    return array


def _sentence(error: BaseException) -> str:
    return str(error) or type(error).__name__
