"""Features of a corpus while a model trains: computed as they are asked for, and nothing written."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ossicle import _ossicle, _verbs
from ossicle._call import num_threads
from ossicle._errors import whole, wrong
from ossicle._ossicle import Error
from ossicle._stream_batches import StreamBatches
from ossicle._streamed import Streamed

if TYPE_CHECKING:
    from ossicle._corpora import Corpus
    from ossicle._extractor import Extractor, Recipe

_WAVEFORM = '\n[[feature]]\nkind = "waveform"\nname = "samples"\nscale = "unit"\n'


class Stream:
    """Utterances of a corpus in an order, computed on threads ahead of who iterates; see `ossicle.stream`."""

    def __init__(
        self,
        words: list[str],
        recipe: str | None,
        shard: tuple[int, int],
        shuffle: int | None,
        errors: Literal["skip", "raise"],
        jobs: int | None,
    ) -> None:
        self._options = (words, recipe, shard, shuffle, errors, jobs)
        self._shard, self._shuffle, self._errors = shard, shuffle, errors
        self._jobs = num_threads(jobs)
        self._streamer = _ossicle.Streamer(words, recipe)
        self._epoch, self._place = 0, 0
        self.failures: Counter[str] = Counter()
        """How many utterances were skipped, by cause."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self._options, self.state_dict())

    def __repr__(self) -> str:
        names = ", ".join(f"{name}: {columns}" for name, _, columns, _ in self._streamer.arrays)
        return f"<ossicle.stream of {len(self)} utterances, columns of {names}>"

    def __len__(self) -> int:
        """How many utterances an epoch of this shard has, with those that fail."""
        rank, world = self._shard
        return len(range(rank, len(self._streamer), world))

    @property
    def shuffle(self) -> int | None:
        """The seed of its order; None for that of a dataset."""
        return self._shuffle

    @property
    def array_names(self) -> list[str]:
        """The names of its arrays, the first feature's first."""
        return [name for name, *_ in self._streamer.arrays]

    def is_labels(self, name: str) -> bool:
        """Whether an array has a whole number in each row: a class, or whether it is speech."""
        return any(of == name and dtype != "event" and not columns for of, dtype, columns, _ in self._streamer.arrays)

    def fill(self, name: str) -> int:
        """Return what an array is padded with: labels beyond an utterance's end are none."""
        return -1 if self.is_labels(name) else 0

    def numpy_batches(
        self,
        mode: Literal["frames", "utterances", "windows"] = "utterances",
        *,
        arrays: list[str] | None = None,
        batch_size: int | None = None,
        context: int = 0,
        num_frames: int | None = None,
        hop: int | None = None,
        max_frames: int | None = None,
        pool: int | None = None,
        drop_last: bool = False,
    ) -> StreamBatches:
        """Go through it in batches, dictionaries of arrays as those of a dataset's split, with the utterances' ids.

        Utterances are gathered until there are enough for a pool; what a pool has is mixed, if the stream is shuffled.

        Args:
            mode: ``"frames"``: single frames, (batch, columns), or (batch, 2 · context + 1, columns) with those around
                them. ``"utterances"``: whole ones, (batch, frames, columns), padded with 0, labels with -1, and
                ``num_frames`` beside. ``"windows"``: stretches of `num_frames`.
            arrays: Which; by default all that have the first one's rows, or of utterances all.
            batch_size: How many there are in a batch: 1024 frames, 16 utterances or windows. With `max_frames` the most.
            context: How many frames on each side of a frame.
            num_frames: The frames of a window.
            hop: The frames from one window to the next; by default windows follow one another.
            max_frames: The most frames of a batch of utterances, padded; those of like lengths in a pool are put together.
            pool: How many items are mixed at once: by default 64 batches.
            drop_last: Leaves out what is left for no full batch.

        Raises:
            Error: An argument is wrong.
        """
        return StreamBatches(
            self,
            mode,
            arrays=arrays,
            batch_size=batch_size,
            context=context,
            num_frames=num_frames,
            hop=hop,
            max_frames=max_frames,
            pool=pool,
            drop_last=drop_last,
        )

    def torch(self, mode: Literal["frames", "utterances", "windows"] = "utterances", **options: Any) -> Any:
        """Give the same batches as tensors: the dataset of a DataLoader with ``batch_size=None``.

        Its workers share the utterances, and each computes its own. Without ``set_epoch(epoch)`` epochs follow one another.

        Args:
            mode: As `numpy_batches` has it.
            **options: Those of `numpy_batches`.

        Raises:
            ImportError: PyTorch is not installed.
            Error: An argument is wrong.
        """
        batches = self.numpy_batches(mode, **options)
        try:
            from ossicle._stream_torch import TorchStream
        except ImportError as error:
            raise ImportError("tensors need PyTorch; numpy_batches gives the same as arrays") from error
        return TorchStream(batches)

    @property
    def column_names(self) -> dict[str, list[str]]:
        """The names of the columns of each array of features."""
        return {name: names for name, _, _, names in self._streamer.arrays if names}

    def state_dict(self) -> dict[str, Any]:
        """Return how far it is: `load_state_dict` goes on from there."""
        return {"epoch": self._epoch, "place": self._place, "failures": dict(self.failures)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where another, of the same arguments, was."""
        self._epoch = whole(state["epoch"], "epoch", 0, 1 << 62)
        self._place = whole(state["place"], "place", 0, 1 << 62)
        self.failures = Counter(state["failures"])

    def __iter__(self) -> Iterator[Streamed]:
        """Go through an epoch, or what is left of it; the next has another order, if it is shuffled."""
        (rank, world), workers = self._shard, _torch_workers()
        seed = None if self._shuffle is None else (self._shuffle * 0x9E3779B1 + self._epoch) % (1 << 64)
        rank, world = rank + world * workers[0], world * workers[1]
        flow = self._streamer.begin(seed, rank, world, self._place, self._jobs)
        arrays = self._streamer.arrays
        while (coming := flow.next()) is not None:
            row, buffers = coming
            self._place += 1
            if buffers is not None:
                yield Streamed(row, {of[0]: _array(of, buffer) for of, buffer in zip(arrays, buffers, strict=True)})
            elif self._errors == "raise":
                raise Error(f"{row['id']}: {row['error']}")
            else:
                self.failures[row["cause"]] += 1
        self._epoch, self._place = self._epoch + 1, 0


def _rebuilt(options: tuple[Any, ...], state: dict[str, Any]) -> Stream:
    new = Stream(*options)
    new.load_state_dict(state)
    return new


def _array(of: tuple[str, str, int, list[str]], buffer: bytearray) -> npt.NDArray[Any]:
    name, dtype, columns, _ = of
    if dtype == "event":
        return np.frombuffer(buffer, [("channel", "<i4"), ("sample", "<i8"), ("amplitude", "<f4")])
    rows = np.frombuffer(buffer, dtype)
    return rows.reshape(-1, columns) if columns and name != "samples" else rows


def _torch_workers() -> tuple[int, int]:
    """Return which worker of a DataLoader this process is, and of how many."""
    torch = sys.modules.get("torch.utils.data")
    info = None if torch is None else torch.get_worker_info()
    return (0, 1) if info is None else (info.id, info.num_workers)


def stream(
    corpus: Corpus,
    *,
    preset: str | None = None,
    recipe: Recipe | Extractor | None = None,
    samples: bool = False,
    shard: tuple[int, int] = (0, 1),
    shuffle: int | None = None,
    errors: Literal["skip", "raise"] = "skip",
    jobs: int | None = None,
    allow_overlap: bool = False,
    selection: dict[str, Any] | None = None,
    **settings: Any,
) -> Stream:
    """Compute the utterances of a corpus as they are asked for: what a dataset would have of them, to the bit.

    Nothing is written. Threads go ahead by a few utterances, which bound the memory. `Stream.numpy_batches` makes batches of
    it, and `Stream.torch` the dataset of a DataLoader of PyTorch's, whose workers share the utterances.

    Args:
        corpus: A path, several, or a dict of one of each split, as `extract` takes it.
        preset: What to compute: a preset's name.
        recipe: Or a recipe, as `extract` takes it.
        samples: The samples too, as an array of that name, as a waveform beside the features has them.
        shard: Every `world`-th utterance is taken, from the `rank`-th on: ``(rank, world)``.
        shuffle: The seed of a shuffled order, another one each epoch; by default the order of a dataset. It is the same
            for any number of threads.
        errors: An utterance that fails is skipped and counted in `failures`, or raises.
        jobs: Threads; by default one a core.
        allow_overlap: Let two splits have the same recordings.
        selection: How the corpus is read, with the names that `extract` has: ``{"splits": "splits.txt"}``.
        **settings: Keys of the recipe, as `extract` takes them.

    Returns:
        What is iterated over, an epoch at a time. ``state_dict()`` says how far it is.

    Raises:
        Error: An argument is wrong, or rows would be normalised by all of the corpus: pass ``normalize=None``, or
            ``normalize={"stats_from": PATH}`` for the statistics of a dataset.
        CorpusError: The corpus cannot be read.
    """
    if errors not in ("skip", "raise"):
        raise wrong(f'errors is {errors!r}; it must be "skip" or "raise"')
    rank, world = shard
    world = whole(world, "shard[1]", 1, 1 << 31)
    rank = whole(rank, "shard[0]", 0, world - 1)
    seed = None if shuffle is None else whole(shuffle, "shuffle", 0, (1 << 63) - 1)
    words, text = _verbs.recipe_words(preset, recipe, settings)
    if samples:
        if text is None and words[0].startswith("--preset="):
            text, words = _ossicle.preset_text(words[0].removeprefix("--preset=")), words[1:]
        if text is None:
            raise wrong("samples are asked for beside a recipe's file", "pass its text, or give it a waveform")
        text += _WAVEFORM
        words = [word.replace("--set=feature.", "--set=features.", 1) for word in words]
    options = {"allow_overlap": allow_overlap}
    words = [
        *_verbs.corpus_words(corpus),
        *words,
        *_verbs.option_words(options),
        *_verbs.selection_words(selection or {}),
    ]
    return Stream(["ossicle", "speed", *words], text, (rank, world), seed, errors, jobs)
