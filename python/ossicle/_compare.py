"""How two sets of features differ, and why: `compare`."""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ossicle import _samples, _verbs
from ossicle._errors import wrong
from ossicle._outcome import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ossicle import _corpora
    from ossicle._extractor import Extractor, Recipe


def compare(
    a: Any = None,
    b: Any = None,
    *,
    samples: Any = None,
    preset: str | None = None,
    recipe: Recipe | Extractor | None = None,
    set: str | Iterable[str] = (),
    raw_encoding: str | None = None,
    sample_rate: int | None = None,
    min_duration: float | None = None,
    max_duration: float | None = None,
    b_preset: str | None = None,
    b_recipe: _corpora.Path | None = None,
    b_set: str | Iterable[str] = (),
    recording: _corpora.Path | None = None,
    python: str | None = None,
    interpreter: _corpora.Path | None = None,
    array: str | None = None,
    b_array: str | None = None,
    out: _corpora.Path | None = None,
    store_option: Mapping[str, str] | None = None,
    connections: int | None = None,
    **settings: Any,
) -> Comparison:
    """Say how two sets of features differ, and why, as ``ossicle compare`` does.

    >>> import numpy as np
    >>> import ossicle
    >>> x = np.random.default_rng(0).standard_normal(8000).astype(np.float32) / 10
    >>> theirs = ossicle.fbank(x, num_mel_bins=40, window="hamming")
    >>> found = ossicle.compare(b=theirs, samples=x, preset="kaldi-fbank", num_mel_bins=40)
    >>> found.changes[0]["words"]
    'feature.window = "hamming"'

    Args:
        a: One side: an array of shape (frames, columns), a dataset, a file of Kaldi's, NumPy's or HTK's, or a recording
            with a recipe; ``"FILE#UTTERANCE"`` names one of many. None is the recipe's features of `samples`.
        b: The other side, as `a`; or a function that is called with the samples, and with their rate where it takes two
            arguments. None is A's recording with another recipe, or what `python` makes of it.
        samples: The samples that arrays are of, at ``sample_rate`` (16000 by default) and full scale ±1: with their
            recipe it lets causes be looked for by computing them.
        preset: What to compute, by name.
        recipe: What to compute: a recipe's file or text, or a dataset.
        set: Changes of its keys, ``"KEY=VALUE"``.
        raw_encoding: How headerless recordings are encoded.
        sample_rate: The rate of `samples`, or of headerless recordings.
        min_duration: As `extract` has it.
        max_duration: As `extract` has it.
        b_preset: B's recipe, where it is a recording; by default that of A.
        b_recipe: B's recipe, as a file.
        b_set: Changes of its keys.
        recording: The recording that arrays are of, as a file.
        python: The other side: ``"MODULE:FUNCTION"``, called in a Python of its own.
        interpreter: The Python that is started for that.
        array: The array that is compared, where there are several.
        b_array: That of B; by default the one of the same name.
        out: Draw both sides and their difference: a file, PNG or SVG.
        store_option: Settings of object stores, as `extract` has them.
        connections: The most connections to object stores at once; by default 32.
        **settings: Keys of the recipe.

    Returns:
        The difference and its causes; it is true where both agree.

    Raises:
        Error: A side cannot be read, or there is nothing to compare.
    """
    with tempfile.TemporaryDirectory() as folder:
        if samples is not None:
            if recording is not None:
                raise wrong("samples and recording exclude each other")
            recording = _wave(Path(folder, "samples.wav"), samples, sample_rate or 16000)
        if callable(b):
            if samples is None:
                raise wrong("b is a function, which is called with samples, and there are none", "pass samples=x")
            b = _called(b, samples, sample_rate or 16000)
        sides = [_word(side, Path(folder, f"{name}.npy")) for name, side in (("a", a), ("b", b)) if side is not None]
        if a is None:
            if recording is None:
                raise wrong("there is nothing to compare: pass a, or samples with a preset or recipe")
            sides.insert(0, os.fspath(recording))
            recording = None
        says_what = preset is not None or recipe is not None
        what, text = _verbs.recipe_words(preset, recipe, settings) if says_what else ([], None)
        options = {
            "set": set,
            "raw_encoding": raw_encoding,
            "sample_rate": sample_rate if samples is None else None,
            "min_duration": min_duration,
            "max_duration": max_duration,
            "b_preset": b_preset,
            "b_recipe": b_recipe,
            "b_set": b_set,
            "recording": recording,
            "python": python,
            "interpreter": interpreter,
            "array": array,
            "b_array": b_array,
            "out": out,
            "store_option": store_option,
            "connections": connections,
        }
        words = ["compare", *what, *_verbs.option_words(options), "--", *sides]
        result, _ = _verbs.call(words, text, progress=True)
    return Comparison(result)


class Comparison(Result):
    """What `compare` found. It is true where both sides have the same utterances, and all agree."""

    def __bool__(self) -> bool:
        return self.verdict == "agree" and bool(self["utterances"]["agree"])

    @property
    def verdict(self) -> str:
        """``agree``, ``explained``, ``explained-but-for-noise``, ``explained-in-part`` or ``not-explained``."""
        return str(self["verdict"])

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The changes that explain the difference: ``words``, ``keys``, ``explains``, ``left``."""
        return list(self["changes"])

    @property
    def difference(self) -> dict[str, Any]:
        """How both differ: ``rms``, ``worst``, ``correlation``, ``alignment``, ``by_column`` and so on."""
        return dict(self["difference"])

    def __reduce__(self) -> tuple[Any, ...]:
        return Comparison, (self._result,)

    def __repr__(self) -> str:
        of = self.difference
        lines = [f"<Comparison: {self.verdict}, RMS difference {of['rms']:.4g}, correlation {of['correlation']:.6f}"]
        return "\n  ".join([*lines, *(change["words"] for change in self.changes)]) + ">"


def _word(side: Any, path: Path) -> str:
    """Write a side as the command takes it: an array becomes a file."""
    if isinstance(side, (str, os.PathLike)):
        return os.fspath(side)
    rows = _samples.as_array(side)
    if rows.ndim != 2:
        raise wrong(f"an array to compare has the shape (frames, columns), and this has {rows.shape}")
    np.save(path, np.ascontiguousarray(rows))
    return os.fspath(path)


def _called(function: Callable[..., Any], samples: Any, rate: int) -> Any:
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    needed = [of for of in parameters if of.default is of.empty and of.kind in (of.POSITIONAL_ONLY, of.POSITIONAL_OR_KEYWORD)]
    rows = function(samples, rate) if len(needed) > 1 else function(samples)
    if rows is None:
        name = getattr(function, "__name__", "b")
        raise wrong(f"{name} returned None, and not an array", "return an array of shape (frames, columns)")
    return rows


def _wave(path: Path, samples: Any, rate: int) -> Path:
    """Write samples as a WAVE file of 32-bit floats, which keeps them as they are."""
    x = _samples.as_floats(samples, "samples")
    data = x.astype("<f4").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate, rate * 4, 4, 32)
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + len(data), b"WAVE")
    path.write_bytes(head + form + struct.pack("<4sI", b"data", len(data)) + data)
    return path
