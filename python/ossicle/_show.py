"""Pictures of utterances, recordings and arrays."""

from __future__ import annotations

import os
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ossicle import _ossicle, _verbs
from ossicle._errors import wrong
from ossicle._extractor import Extractor
from ossicle._samples import as_floats
from ossicle.dataset._dataset import Dataset
from ossicle.dataset._split import Split, Utterance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ossicle._corpora import Path
    from ossicle._extractor import Recipe


class Picture:
    """A picture, which notebooks display: as lines (``svg``) and as pixels (``png``).

    Attributes:
        svg: Its lines, as text of SVG.
        facts: What is drawn, as the command prints it with ``--json``; empty of arrays in memory.
    """

    def __init__(self, svg: str, facts: Mapping[str, Any]) -> None:
        self.svg, self.facts = svg, dict(facts)
        self._png: bytes | None = None

    @property
    def png(self) -> bytes:
        """Its pixels, as a file of PNG."""
        if self._png is None:
            self._png = bytes(_ossicle.png_of(self.svg))
        return self._png

    def save(self, path: Path) -> None:
        """Write it to a file, as what its name says: ``.svg`` or ``.png``."""
        name = os.fsdecode(path)
        ending = os.path.splitext(name)[1].lower()
        if ending not in (".svg", ".png"):
            raise wrong(f"{name}: name a file that ends in .png or .svg")
        FilePath(name).write_bytes(self.png if ending == ".png" else self.svg.encode())

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        title = self.facts.get("title")
        return f"<Picture of {title}>" if title else "<Picture>"


def show(
    what: Any,
    utterance: str | None = None,
    *,
    out: Path | None = None,
    against: Any = None,
    split: str | None = None,
    array: str | Sequence[str] = (),
    start: float | None = None,
    end: float | None = None,
    corpus: Path | None = None,
    preset: str | None = None,
    recipe: Recipe | Extractor | None = None,
    set: Sequence[str] = (),
    sample_rate: int | None = None,
    raw_encoding: str | None = None,
    min_duration: float | None = None,
    max_duration: float | None = None,
    colors: Literal["viridis", "cividis", "magma", "grey"] = "viridis",
    theme: Literal["light", "dark"] = "light",
    width: int | None = None,
    store_option: Mapping[str, str] | None = None,
    connections: int | None = None,
    **settings: Any,
) -> Picture:
    """Draw an utterance, a recording or an array, as ``ossicle show`` does: waveform, labels, features.

    Args:
        what: ``dataset[split][i]``; a dataset or its folder, with an utterance's id; a recording's path, or samples
            (1-D, mono, full scale at ±1), with what to compute; or features, an array of (frames, columns).
        utterance: The id of an utterance of a dataset; not needed where there is one only.
        out: A file to write it to, too: ``.png`` or ``.svg``.
        against: What is drawn below it, with the difference: another dataset, preset, recipe, recording, or utterance
            of the dataset. Not of arrays.
        split: The split that the utterance is in, where several have one of this id.
        array: The names of the arrays that are drawn; by default all.
        start: Begin here, in seconds.
        end: End here, in seconds.
        corpus: The folder that a dataset's recordings are in, for the waveform; by default where they were.
        preset: What to compute of a recording: a preset.
        recipe: Or a recipe: its file, its text, a dataset, or an `Extractor`.
        set: Changes of the recipe's keys, as ``--set`` takes them; `settings` have the same as arguments.
        sample_rate: The sample rate of samples, and of headerless recordings; by default 16000 of samples.
        raw_encoding: How headerless recordings are encoded, for example ``"s16le"``.
        min_duration: Utterances that last less than this are refused, in seconds.
        max_duration: Recordings that last longer than this are refused, in seconds.
        colors: The colours of heat maps, each even in lightness.
        theme: The colours around them.
        width: How wide it is, in pixels, of which a PNG has two for each.
        store_option: Settings of object stores, as `extract` has them.
        connections: The most connections to object stores at once; by default 32.
        **settings: Keys of the recipe, as `extract` takes them.

    Returns:
        A picture that notebooks display.

    Raises:
        Error: There is no such utterance or array, or nothing says what to compute.
        AudioError: The recording cannot be read.
        DatasetError: The dataset cannot be read.
    """
    if isinstance(what, np.ndarray) or (hasattr(what, "__array__") and not isinstance(what, (Dataset, Split, Utterance))):
        others = {"utterance": utterance, "against": against, "split": split, "corpus": corpus, "start": start, "end": end}
        for name, value in others.items():
            if value is not None:
                raise wrong(f"{name} is of datasets and recordings, and not of arrays")
        extractor = None
        if preset is not None or recipe is not None:
            extractor = _extractor(preset, recipe, sample_rate, settings)
        picture = _of_array(what, extractor, sample_rate, theme, colors, width)
        if out is not None:
            picture.save(out)
        return picture
    path, utterance, split = _named(what, utterance, split)
    recipe_words: list[str] = []
    text = None
    if preset is not None or recipe is not None:
        recipe_words, text = _verbs.recipe_words(preset, recipe, settings)
    elif settings:
        raise wrong(f"{next(iter(settings))} changes a recipe, and there is none: pass preset or recipe")
    options = {
        "out": out,
        "against": _word_of_other(against),
        "split": split,
        "array": array,
        "start": start,
        "end": end,
        "corpus": corpus,
        "set": set,
        "sample_rate": sample_rate,
        "raw_encoding": raw_encoding,
        "min_duration": min_duration,
        "max_duration": max_duration,
        "colors": colors,
        "theme": theme,
        "width": width,
        "store_option": store_option,
        "connections": connections,
    }
    words = ["show", *_verbs.option_words(options), *recipe_words, "--", path]
    facts, _ = _verbs.call([*words, utterance] if utterance is not None else words, text)
    return Picture(facts.pop("svg"), facts)


def _named(what: Any, utterance: str | None, split: str | None) -> tuple[str, str | None, str | None]:
    """What is meant, as the command takes it."""
    if isinstance(what, Utterance):
        if utterance is not None and utterance != what.id:
            raise wrong(f"utterance is {utterance!r}, and {what.id!r} is given already")
        return str(what.split.card.path), what.id, what.split.name
    if isinstance(what, Split):
        return str(what.card.path), utterance, what.name
    if isinstance(what, Dataset):
        return str(what.path), utterance, split
    if isinstance(what, (str, bytes, os.PathLike)):
        return os.fsdecode(what), utterance, split
    raise wrong(f"what is of type {type(what).__name__}; it must be an utterance, a dataset, a path or an array")


def _word_of_other(against: Any) -> str | None:
    if against is None or isinstance(against, str):
        return against
    if isinstance(against, (Dataset, Split, Utterance)):
        return _named(against, None, None)[0]
    return os.fsdecode(against)


def _extractor(
    preset: str | None, recipe: Any, sample_rate: int | None, settings: Mapping[str, Any]
) -> Extractor:
    if isinstance(recipe, Extractor):
        return recipe
    return Extractor(recipe if preset is None else preset, sample_rate_hz=sample_rate, **settings)


def _of_array(
    what: Any,
    extractor: Extractor | None,
    sample_rate: int | None,
    theme: str,
    colors: str,
    width: int | None,
) -> Picture:
    array = np.asarray(what)
    if array.ndim == 1 and extractor is not None:
        svg = _ossicle.draw_samples(extractor._transform, as_floats(what, "what"), theme, colors, width)
    elif array.ndim == 1:
        svg = _ossicle.draw_waveform(as_floats(what, "what"), sample_rate or 16000, theme, colors, width)
    elif array.ndim == 2:
        rows = np.ascontiguousarray(array, dtype=np.float32)
        svg = _ossicle.draw_rows(rows, theme, colors, width)
    else:
        raise wrong(f"what has {array.ndim} dimensions; samples have one, and features two")
    return Picture(svg, {})
