"""Whether the nodes of a cluster can compute parts."""

from __future__ import annotations

from typing import Any

import ossicle
from ossicle._errors import wrong

LONGEST_S = 120.0
"""The longest that a node may take to answer: the first task there starts an interpreter."""


def look(ray: Any, nodes: list[dict[str, Any]], order: dict[str, Any]) -> None:
    """Ask each node whether it has this ossicle, sees the plan and some recordings, and may write parts.

    Args:
        nodes: As `ray.nodes` has them.
        order: The run's.

    Raises:
        Error: One does not, or does not answer; it is named, and the path.
    """
    parts = order["parts"]
    sample = sorted({parts[0], parts[len(parts) // 2], parts[-1]})
    version = ossicle.__version__

    # Inside a function it travels by its code: a node that has no ossicle can run it, and say so.
    def answer(out: str, plan: str, stores: str | None, sample: list[int]) -> str:
        try:
            import ossicle
            from ossicle import _ossicle
        except ImportError as error:
            return f"cannot import ossicle: {error}"
        if ossicle.__version__ != version:
            return f"has ossicle {ossicle.__version__}, and the driver {version}"
        try:
            _ossicle.PartWorker(out, plan, stores=stores).look(sample)
        except FileNotFoundError as error:
            return f"does not see {error.filename}, which the driver does"
        except OSError as error:
            return f"cannot use {error.filename}: {error.strerror}"
        except ossicle.Error as error:
            return f"does not see what the driver does: {error}"
        return ""

    affinity = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
    task = ray.remote(answer)
    asked = {}
    for node in nodes:
        strategy = affinity(node["NodeID"], soft=False)
        ref = task.options(num_cpus=0, max_retries=0, scheduling_strategy=strategy).remote(
            order["out"], order["plan"], order["stores"], sample
        )
        asked[ref] = node
    answered, silent = ray.wait(list(asked), num_returns=len(asked), timeout=LONGEST_S)
    wrongs = [f"{_name(asked[ref])} has not answered for {LONGEST_S:g} s" for ref in silent]
    for ref in answered:
        try:
            said = ray.get(ref)
        except ray.exceptions.RayError as error:
            lines = str(error).strip().splitlines()
            said = f"cannot be asked: {lines[-1] if lines else type(error).__name__}"
        if said:
            wrongs.append(f"{_name(asked[ref])} {said}")
    if wrongs:
        more = len(wrongs) - 1
        others = f", and {more} other node{'s' * (more > 1)} of {len(nodes)} likewise" if more else ""
        raise wrong(
            f"{min(wrongs)}{others}",
            "the corpus and the output have to be on a file system that every node sees by the same paths, or in an object store "
            "that every node reaches, with the same credentials in its environment",
        )


def _name(node: dict[str, Any]) -> str:
    address, host = node["NodeManagerAddress"], node["NodeManagerHostname"]
    return f"node {address}" if address == host else f"node {address} ({host})"
