"""Batches of a split for training."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ossicle._errors import whole, wrong
from ossicle.dataset._items import MOST, Batch, Frames, Items, Utterances, Windows
from ossicle.dataset._order import Numbers
from ossicle.dataset._schedule import Bucketed, Equal, Schedule

if TYPE_CHECKING:
    from ossicle.dataset._split_files import SplitFiles


class Batches:
    """What goes through a split in batches, epoch after epoch: each iteration is an epoch.

    ``state_dict`` says how far it is, in an epoch too, and the iteration after ``load_state_dict`` goes on there. It can be
    pickled, and goes on there too. ``len()`` is the number of batches of an epoch.
    """

    def __init__(self, items: Items, schedule: Schedule, rank: int, world: int, arguments: dict[str, Any]) -> None:
        self.items = items
        self.rank, self.world = rank, world
        self.epoch, self.position = 0, 0
        self._schedule, self._arguments = schedule, arguments
        self._goes_on = False

    @property
    def split(self) -> SplitFiles:
        """What it goes through."""
        return self.items.split

    def __len__(self) -> int:
        return self._schedule.num_batches(self.rank, self.world)

    def batch(self, epoch: int, number: int) -> Batch:
        """Return a batch of an epoch by its number."""
        return self.items[self._schedule.items(epoch, number, self.rank, self.world)]

    def __iter__(self) -> Iterator[Batch]:
        if self.position and not self._goes_on:
            self.epoch, self.position = self.epoch + 1, 0
        self._goes_on = False
        return self._rest(self.epoch, self.position)

    def _rest(self, epoch: int, position: int) -> Iterator[Batch]:
        for number in range(position, len(self)):
            batch = self.batch(epoch, number)
            self.epoch, self.position = epoch, number + 1
            yield batch
        self.epoch, self.position = epoch + 1, 0

    def set_epoch(self, epoch: int) -> None:
        """Let the next iteration be that epoch, from its beginning."""
        self.epoch, self.position = whole(epoch, "epoch", 0, MOST), 0
        self._goes_on = True

    def state_dict(self) -> dict[str, Any]:
        """Return how far it is: the epoch, the batches of it that were given, and what they are batches of."""
        return {"epoch": self.epoch, "position": self.position, "of": self.identity()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from there, on any rank: all are as far.

        Raises:
            Error: It is of another dataset or of other arguments, which have other batches.
        """
        self.epoch, self.position = self.checked(state)
        self._goes_on = True

    def identity(self) -> dict[str, Any]:
        """Return what decides the batches of an epoch."""
        card, split = self.split.card, self.split.name
        chosen = self.items.chosen
        some = None if chosen is None else hashlib.blake2b(chosen.tobytes(), digest_size=8).hexdigest()
        of = {"dataset": card.said.get("card_blake3"), "split": split, "utterances": some}
        return {**of, "world": self.world, **self._arguments}

    def checked(self, state: dict[str, Any]) -> tuple[int, int]:
        """Return the epoch and the position of a state.

        Raises:
            Error: It is of other batches.
        """
        own = self.identity()
        for name, value in state.get("of", {}).items():
            if name in own and own[name] != value:
                raise wrong(f"the state is of other batches: {name} was {value!r} there, and is {own[name]!r} here")
        return whole(state["epoch"], "epoch", 0, MOST), whole(state["position"], "position", 0, MOST)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_goes_on": True}


def items(split: SplitFiles, chosen: Numbers | None, mode: str, arguments: dict[str, Any]) -> Items:
    """Return what batches are made of.

    Args:
        chosen: The numbers of utterances; None for all.

    Raises:
        Error: An argument is wrong.
    """
    arrays = arguments["arrays"]
    if mode == "frames":
        return Frames(split, arrays, chosen, arguments["context"])
    if mode == "utterances":
        return Utterances(split, arrays, chosen)
    return Windows(split, arrays, chosen, arguments["num_frames"], arguments["hop"])


def batches(split: SplitFiles, chosen: Numbers | None, mode: str, arguments: dict[str, Any]) -> Batches:
    """Return batches of a split.

    Args:
        chosen: The numbers of utterances; None for all.
        arguments: All that `ossicle.dataset._batching.ARGUMENTS` names.

    Raises:
        Error: An argument is wrong.
    """
    of = items(split, chosen, mode, arguments)
    given = {name: _number(arguments, name, 0 if name == "shuffle" else 1) for name in _NUMBERS}
    world = 1 if arguments["world"] is None else whole(arguments["world"], "world", 1, MOST)
    rank = 0 if arguments["rank"] is None else whole(arguments["rank"], "rank", 0, world - 1)
    options = {
        "shuffle": given["shuffle"],
        "even": bool(arguments["even"]),
        "drop_last": bool(arguments["drop_last"]),
    }
    size, most, buckets = given["batch_size"], given["max_frames"], given["buckets"]
    schedule: Schedule
    if isinstance(of, Utterances) and (most is not None or buckets is not None):
        default = 16 if most is None else MOST
        schedule = Bucketed(of.lengths, size or default, most, buckets, **options)
    else:
        default = 1024 if isinstance(of, Frames) else 16
        schedule = Equal(len(of), size or default, **options)
    said = {name: value for name, value in arguments.items() if name not in ("arrays", "rank", "world")}
    return Batches(of, schedule, rank, world, {"mode": mode, **said})


_NUMBERS = ("batch_size", "max_frames", "buckets", "shuffle")


def _number(arguments: dict[str, Any], name: str, least: int) -> int | None:
    value = arguments[name]
    most = 1 << 15 if name == "buckets" else MOST
    return None if value is None else whole(value, name, least, most)
