"""A cluster of Ray, as the run sees it that has parts computed there."""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import ossicle
from ossicle._errors import whole, wrong
from ossicle.ray import _nodes
from ossicle.ray._parts import Parts

if TYPE_CHECKING:
    from typing_extensions import Self

MIB = 1 << 20

ACTOR_BYTES = 448 * MIB
"""What an actor takes besides its worker: the interpreter, Ray, NumPy, PyArrow and pandas. (`python/ray` measures it.)"""

ROUNDS = 3
"""How often parts are given to the cluster, those that were lost with a worker again."""


class RayCluster:
    """A cluster of Ray.

    Args:
        address: As `ray.init` takes it.
        concurrency: How many actors there are; None is as many as there is room for.
        num_cpus: The cores that an actor takes.
        isolation: ``"processes"`` where actors compute in processes of their own.
        timeout_s: The longest that an utterance may take in such a process.
        max_open_files: The most files that an actor may have open.
        readers: Threads of an actor that read ahead.
        bars: Whether Ray Data's bars are shown.
    """

    def __init__(
        self,
        *,
        address: str | None = None,
        concurrency: int | None = None,
        num_cpus: float = 1.0,
        isolation: str | None = None,
        timeout_s: float | None = None,
        max_open_files: int | None = None,
        readers: int | None = None,
        bars: bool = True,
    ) -> None:
        if not isinstance(num_cpus, (int, float)) or not 0 < num_cpus < math.inf:
            raise wrong(f"num_cpus is {num_cpus!r}; it must be a number above 0")
        if concurrency is not None:
            concurrency = whole(concurrency, "concurrency", 1, 1 << 20)
        self._address, self._concurrency, self._num_cpus = address, concurrency, num_cpus
        in_processes = isolation == "processes" or timeout_s is not None
        self._options = {"in_processes": in_processes, "timeout_s": timeout_s, "max_open_files": max_open_files}
        self._options["readers"] = readers
        self._bars = bars
        self._workers = 0
        self._is_ours = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster, if this has connected to it."""
        if self._is_ours:
            _ray().shutdown()
            self._is_ours = False

    def begin(self, order: dict[str, Any]) -> int:
        """Connect, and look whether every machine that may compute parts can."""
        ray = _ray()
        if not ray.is_initialized():
            self._connect(ray)
        memory = self._memory(order)
        nodes = [(node, _room(node, self._num_cpus, memory)) for node in ray.nodes() if node["Alive"]]
        able = [node for node, room in nodes if room > 0]
        room = sum(room for _, room in nodes)
        if not able:
            raise wrong(
                f"no node of the cluster has the {self._num_cpus:g} cores and {memory / MIB:,.0f} MiB of memory that an actor takes",
                "pass a smaller num_cpus, or start nodes with more",
            )
        _nodes.look(ray, able, order)
        self._workers = min(self._concurrency or room, len(order["parts"]))
        return self._workers

    def _connect(self, ray: Any) -> None:
        try:
            ray.init(address=self._address, log_to_driver=False, configure_logging=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise wrong(f"no cluster at {self._address or 'RAY_ADDRESS'}: {error}") from error
        self._is_ours = True

    def _memory(self, order: dict[str, Any]) -> int:
        """The memory that an actor takes, in bytes."""
        return int(order["worker_bytes"]) + ACTOR_BYTES

    def run(self, order: dict[str, Any]) -> Iterator[str]:
        """Have parts computed; those that were lost with their worker, again."""
        ray = _ray()
        left = {int(part) for part in order["parts"]}
        try:
            for _ in range(ROUNDS):
                # The largest first.
                parts = [part for part in order["parts"] if part in left]
                for part, done in self._round(order, parts):
                    left.discard(part)
                    yield done
                if not left:
                    return
        except ray.exceptions.RayError as error:
            raise wrong(f"Ray cannot go on: {_first_line(error)}", "the same call goes on from there") from error
        if len(left) == len(order["parts"]):
            raise wrong("every worker of the cluster has died over its first part; the logs of Ray say why")

    def _round(self, order: dict[str, Any], parts: list[int]) -> Iterator[tuple[int, str]]:
        import ray.data

        options = {**self._options, "version": ossicle.__version__}
        options |= {name: order[name] for name in ("stores", "retry_failed")}
        dataset = ray.data.from_items([{"part": part} for part in parts], override_num_blocks=len(parts))
        context = dataset.context
        context.enable_progress_bars = self._bars
        # A part that is lost with its worker is given out again, and no reason to end.
        context.max_errored_blocks = -1
        context.max_consecutive_actor_init_deaths = 10 + 2 * self._workers
        actors = ray.data.ActorPoolStrategy(size=min(self._workers, len(parts)), max_tasks_in_flight_per_actor=1)
        with warnings.catch_warnings():
            # There is no other way yet to say how often actors are started again.
            warnings.filterwarnings("ignore", message=".*ray_remote_args.*")
            dataset = dataset.map_batches(
                Parts,
                fn_constructor_kwargs={"out": order["out"], "plan": order["plan"], **options},
                batch_size=1,
                compute=actors,
                num_cpus=self._num_cpus,
                memory=self._memory(order),
                # What waits for an actor that is to be started again waits for ever, where there is no room for it.
                max_restarts=0,
                max_task_retries=0,
            )
        for row in dataset.iter_rows():
            if row["error"]:
                raise wrong(f"node {row['node']}: {row['error']}")
            yield int(row["part"]), str(row["done"])


def _room(node: dict[str, Any], num_cpus: float, memory: int) -> int:
    """How many actors a node has room for."""
    has: dict[str, float] = node["Resources"]
    return min(int(has.get("CPU", 0) / num_cpus), int(has.get("memory", 0) / memory))


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise ImportError('ossicle.ray needs ray, which is not installed: pip install "ossicle[ray]"') from error
