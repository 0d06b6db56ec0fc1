"""A recipe, planned once for many recordings."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import numpy as np
import numpy.typing as npt

from ossicle import _ossicle, _reference, _settings
from ossicle._call import Call, keeps, num_threads
from ossicle._errors import whole, wrong
from ossicle._samples import as_array, as_recording

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ossicle._keys import Options, Settings
    from ossicle._types import Recording, Recordings, Rows

Recipe = str | os.PathLike[str]

# Of files, that have none of the presets' names.
_SUFFIXES = (".toml", ".json", ".yaml", ".yml", ".conf", ".mvn")


class Extractor:
    """A recipe, planned once for many recordings.

    It is safe to share among threads, and travels to other processes by its recipe.

    Args:
        recipe: A preset's name, the path of a recipe or of a model's own file (transformers', NeMo's, Kaldi's …), or a
            recipe's text.
        sample_rate_hz: That of all samples; by default the recipe's, or 16000.
        **settings: Keys of the recipe: ``num_mel_bins=40``, ``deltas={"order": 2}``, ``normalize=None``. They are
            listed below.

    Raises:
        Error: There is no such preset or key, or the recipe cannot be computed at this rate.

    >>> e = Extractor("kaldi-fbank", num_mel_bins=40)
    >>> e.dim, e.frame_shift_s, e.num_frames(16000)
    (40, 0.01, 98)
    >>> e(np.zeros(16000, dtype=np.int16)).shape
    (98, 40)
    """

    def __init__(
        self, recipe: Recipe, *, sample_rate_hz: int | None = None, **settings: Unpack[Settings]
    ) -> None:
        text, sets = recipe_text(recipe), _settings.assignments(settings)
        self._plan(_ossicle.Transform(text, sets, rate(sample_rate_hz), None))

    @classmethod
    def from_dataset(
        cls, path: str | os.PathLike[str], *, sample_rate_hz: int | None = None
    ) -> Extractor:
        """Plan what a dataset was made by: its recipe, and the statistics that it is normalised by.

        Of a dataset that is normalised by speakers, `for_speaker` has to follow.

        Raises:
            DatasetError: It is no dataset, or a damaged one.
        """
        return cls._of(_ossicle.Transform.of_dataset(os.fspath(path), rate(sample_rate_hz)))

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, tolerance: float = 0.0) -> Extractor:
        """Plan what was saved by `save`, or by ``ossicle presets DATASET --save``, and compare what it computes.

        The file has the rows of a built-in probe of a second; they are computed again.

        Args:
            path: The file.
            tolerance: How far a number of them may be from what it was; with 0 every bit has to be the same.

        Raises:
            Error: A row is another than where the file was made, or it is no such file.
            OSError: The file cannot be read.
        """
        if not 0 <= tolerance < math.inf:
            raise wrong(f"tolerance is {tolerance!r}; it must be a number from 0 up")
        name = os.fspath(path)
        try:
            text = Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise wrong(f"{name} is no front end: {error}") from error
        return cls._of(_ossicle.Transform.of_front_end(name, text, tolerance))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as one file for serving: its recipe, its statistics, and the rows of a probe; see `load`.

        Args:
            path: The file, ``"frontend.json"``, which is replaced if it is there.

        Raises:
            Error: Its rows are normalised by speakers: `for_speaker` comes before.
            OSError: The file cannot be written.
        """
        # It takes a while to import, and is seldom wanted.
        import tempfile

        text, path = self._transform.front_end(), Path(path)
        # Whole or not at all: a server may be reading it.
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=".ossicle-", suffix=".draft", delete=False
        ) as file:
            try:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
                umask = os.umask(0)
                os.umask(umask)
                os.chmod(file.name, 0o666 & ~umask)
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise

    def for_speaker(self, recordings: Iterable[Recording], *, ids: Sequence[str] | None = None) -> Extractor:
        """Plan the same with the statistics of a speaker, for a recipe that is normalised by speakers.

        Args:
            recordings: The speaker's, in the order of a dataset's utterances where the same bits are wanted.
            ids: Their names, which a recipe's noise depends on.

        Raises:
            Error: The recipe is normalised otherwise, or there are no recordings.
        """
        taken = [as_recording(one, f"recordings[{at}]") for at, one in enumerate(recordings)]
        names = [""] * len(taken) if ids is None else list(ids)
        if len(names) != len(taken):
            raise wrong(f"there are {len(taken)} recordings and {len(names)} ids")
        return type(self)._of(self._transform.for_speaker(taken, names))

    @classmethod
    def _of(cls, transform: _ossicle.Transform) -> Extractor:
        new = cls.__new__(cls)
        new._plan(transform)
        return new

    def _plan(self, transform: _ossicle.Transform) -> None:
        self._transform = transform
        self._arrays = transform.arrays

    def __reduce__(self) -> tuple[Any, ...]:
        transform = self._transform
        state = (transform.recipe_text, transform.sample_rate_hz, transform.statistics)
        return _rebuilt, (type(self), *state)

    def __repr__(self) -> str:
        of = ", ".join(f"{name}: {len(columns)}" for name, columns in self._arrays)
        return f"<ossicle.Extractor at {self.sample_rate_hz} Hz, columns of {of}>"

    @property
    def recipe(self) -> str:
        """The recipe's text, in TOML."""
        return self._transform.recipe_text

    @property
    def sample_rate_hz(self) -> int:
        """The rate of the samples that it takes."""
        return self._transform.sample_rate_hz

    @property
    def array_names(self) -> list[str]:
        """The names of its arrays, which is one for most recipes."""
        return [name for name, _ in self._arrays]

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, of all arrays one behind the other."""
        return [column for _, columns in self._arrays for column in columns]

    @property
    def dim(self) -> int:
        """The number of columns."""
        return len(self.column_names)

    @property
    def frame_shift_s(self) -> float:
        """The time from one row to the next, in seconds."""
        return self._transform.frame_samples[1] / self.sample_rate_hz

    def num_frames(self, num_samples: int) -> int:
        """Return how many rows so many samples have."""
        return self._transform.num_frames(whole(num_samples, "num_samples", 0, (1 << 63) - 1))

    @overload
    def __call__(self, x: Recording, **options: Unpack[Options]) -> Rows: ...
    @overload
    def __call__(self, x: Recordings, **options: Unpack[Options]) -> list[Rows]: ...
    def __call__(
        self,
        x: Any,
        *,
        out: npt.NDArray[Any] | None = None,
        layout: Literal["frames", "columns"] = "frames",
        dtype: npt.DTypeLike | None = None,
        pad_to: int | None = None,
        jobs: int | None = None,
        id: str = "",
        nan: Literal["raise", "keep"] = "raise",
    ) -> Any:
        """Compute the rows of a recording, of each row of a 2-D batch, or of each recording of a list.

        Args:
            x: Samples, mono: int16, float32 or float64; an array, or what has ``__array__`` or DLPack.
            out: An array that takes the result.
            layout: ``"frames"``: a row a frame; ``"columns"``: a row a column, as Whisper has them.
            dtype: The type of the result's numbers: by default float32, or that of `out`.
            pad_to: Samples are padded with zeros, or cut, to so many frames (Whisper's 3000).
            jobs: Threads for several recordings; by default one a core.
            id: The name that a recipe's noise depends on, as that of a dataset's utterance.
            nan: What NaN and infinity among the samples do: ``"raise"``, or ``"keep"``, where the rows of frames that
                hold them are NaN.

        Returns:
            float32 ``[num_frames, dim]``; of a 2-D batch ``[batch, num_frames, dim]``; of a list, a list, whose
            arrays share memory in stretches of 16 MiB: copy what is kept for long beside others. Of a recipe with
            several arrays, a dict of them by name.

        Raises:
            Error: The samples are none, or too few, or not finite.
        """
        transform, keep = self._transform, nan != "raise" and keeps(nan)
        # What is asked for most often takes no more than this.
        if type(x) is np.ndarray and layout == "frames" and out is None and dtype is None and pad_to is None:
            rows = transform.rows(x, "x", id, keep)
            if rows is not None:
                return rows
        call = Call(transform, layout, dtype, pad_to, out)
        if _is_list(x):
            recordings = [call.recording(one, f"x[{at}]") for at, one in enumerate(x)]
            several = transform.rows_of_all(recordings, num_threads(jobs), id, keep)
            result: Any = [call.result(rows) for rows in several]
        else:
            array = as_array(x)
            if array.ndim == 2:
                batch = transform.rows_of_batch(call.batch(array), num_threads(jobs), id, keep)
                result = call.result(batch)
            else:
                result = call.result(transform.rows(call.recording(array, "x"), "x", id, keep))
        return result if out is None else call.into(out, result)

    def batch(self, xs: Iterable[Recording], **options: Unpack[Options]) -> list[Rows]:
        """Compute the rows of each recording of several, in parallel; as calling it with a list."""
        return self(cast("Recordings", list(xs)), **options)


def _is_list(x: Any) -> bool:
    """Whether it is a list of recordings, and not one of numbers."""
    return isinstance(x, (list, tuple)) and not (x and np.isscalar(x[0]))


def _rebuilt(
    cls: type[Extractor], text: str, sample_rate_hz: int, statistics: str | None
) -> Extractor:
    # What a statistic is of is known; where it was from need not be here.
    return cls._of(_ossicle.Transform(text, [], sample_rate_hz, statistics))


def rate(sample_rate_hz: int | None) -> int | None:
    """Return a sample rate that was given, if it can be one."""
    return None if sample_rate_hz is None else whole(sample_rate_hz, "sample_rate_hz", 1, (1 << 32) - 1)


def recipe_text(recipe: Recipe) -> str:
    """Return the text of a preset by its name, of a file, or a text itself. That of another program's file is translated.

    Raises:
        Error: There is no such preset, or it is no text, or another program's with a key that is not known.
        OSError: The file cannot be read.
    """
    if isinstance(recipe, str):
        if "\n" in recipe:
            return recipe
        if not (os.sep in recipe or os.path.splitext(recipe)[1] in _SUFFIXES):
            return _ossicle.preset_text(recipe)
    elif not isinstance(recipe, os.PathLike):
        raise wrong(f"a recipe is {recipe!r}; it must be a preset's name, a path or a text")
    try:
        with open(recipe, encoding="utf-8") as file:
            text = file.read()
    except UnicodeDecodeError as error:
        raise wrong(f"{os.fspath(recipe)} is no recipe: {error}") from error
    translated = _ossicle.foreign_recipe(os.fspath(recipe), text)
    return text if translated is None else translated[1]


_reference.document(Extractor.__init__, None)
Extractor.__doc__ = f"""{inspect.cleandoc(Extractor.__doc__ or "")}

Settings, of any kind of feature and of `[frames]`:
{_reference.settings_text(None)}
"""
