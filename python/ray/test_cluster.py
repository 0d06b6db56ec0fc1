"""Extraction on three nodes: whatever happens to them, the bytes are those of one machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Driver, files
from nodes import Nodes

Extract = Callable[..., Driver]


def test_three_nodes_write_what_one_machine_does(extract: Extract, one_machine: dict[str, bytes]) -> None:
    driver = extract("--json").start()
    status, printed, said = driver.ended()
    told = json.loads(printed)
    # The bad recording is a row of the ledger.
    assert (status, told["workers"], told["failures"], told["resumed_parts"]) == (1, 3, 1, 0), said
    assert said.count("ossicle: ") >= 1 and "Traceback" not in said
    assert files(driver.out) == one_machine
    status, printed, said = extract().start().ended()
    assert (status, printed.splitlines()[0]) == (1, "the dataset is complete already: nothing to do"), said


def test_what_ends_a_run_ends_it(extract: Extract) -> None:
    status, _, said = extract("--max-failures", "0", preset="timit-mfcc").start().ended()
    assert status == 2 and "1 utterance failed, which is more than --max-failures 0 allows" in said, said
    status, _, said = extract("--num-cpus", "64", name="b").start().ended()
    assert status == 2 and "no node of the cluster has the 64 cores" in said, said
    status, _, said = extract("--share", "1/2", name="c").start().ended()
    assert status == 2 and "--share and --dry-run are for `ossicle extract`" in said, said


def test_a_node_that_dies_costs_what_it_had_in_hand(
    extract: Extract, nodes: Nodes, one_machine: dict[str, bytes]
) -> None:
    driver = extract("--json").start()
    driver.wait_for_parts(6)
    nodes.nodes[2].kill()
    status, printed, said = driver.ended()
    told = json.loads(printed)
    assert (status, told["workers"]) == (1, 3), said
    assert files(driver.out) == one_machine
    nodes.start(nodes.nodes[2])
    nodes.wait_for(3)


def test_a_node_that_is_cut_off_and_comes_back_does_no_harm(
    extract: Extract, nodes: Nodes, one_machine: dict[str, bytes]
) -> None:
    driver = extract().start()
    driver.wait_for_parts(6)
    cut = nodes.nodes[1]
    cut.cut_off()
    # Longer than a node may be silent.
    time.sleep(14)
    cut.reconnect()
    status, _, said = driver.ended()
    assert status == 1, said
    assert files(driver.out) == one_machine
    # It has learnt meanwhile that it counts as dead, and has ended.
    cut.kill()
    nodes.start(cut)
    nodes.wait_for(3)


def test_a_driver_that_was_killed_goes_on(extract: Extract, one_machine: dict[str, bytes]) -> None:
    driver = extract().start()
    driver.wait_for_parts(8)
    driver.kill()
    assert not (driver.out / "dataset.json").exists()
    kept = driver.parts()
    driver = extract("--json").start()
    status, printed, said = driver.ended()
    told = json.loads(printed)
    assert status == 1 and kept <= told["resumed_parts"] < told["parts"], said
    assert files(driver.out) == one_machine


CALL = """
import json, sys
import ossicle, ossicle.ray

address, corpus, out, version = sys.argv[1:]
ossicle.__version__ = version or ossicle.__version__
events = []
try:
    made = ossicle.ray.extract(
        corpus, out, preset="timit-mfcc", address=address, num_ceps=10, concurrency=2, on_event=events.append, retry_failed=True
    )
    kinds = [event["event"] for event in events if event["event"] != "notice"]
    print(json.dumps([made.utterances, made.failures, made.ok, made.workers, kinds.count("utterance"), kinds[0], kinds[-1]]))
except ossicle.Error as error:
    print(json.dumps([str(error), error.advice]))
"""


def called(nodes: Nodes, corpus: Path, out: Path, version: str = "") -> list[Any]:
    driver = Driver(nodes, ["-c", CALL, nodes.address, str(corpus), str(out), version], out).start()
    status, printed, said = driver.ended()
    assert status == 0, said
    told: list[Any] = json.loads(printed.splitlines()[-1])
    return told


def test_a_call_hears_of_all_and_a_retry_is_one(nodes: Nodes, corpus: Path, tmp_path: Path) -> None:
    expected = [215, 1, False, 2, 215, "start", "finishing"]
    told = called(nodes, corpus, tmp_path / "out")
    assert told == expected
    # Its failure is tried again, for which all parts are computed once more.
    assert called(nodes, corpus, tmp_path / "out") == expected


def test_another_version_on_a_node_is_refused(nodes: Nodes, corpus: Path, tmp_path: Path) -> None:
    text, advice = called(nodes, corpus, tmp_path / "out", "0.0.0")
    assert "has ossicle " in text and "and the driver 0.0.0" in text and text.startswith("node "), text
    assert advice


DEADLY = """
import json, os, pathlib, sys
import ossicle.ray
from ossicle.ray import _cluster, _parts

address, corpus, out, scratch = sys.argv[1:]

class Deadly(_parts.Parts):
    # A part that every actor dies over, and one that the first does.
    def __call__(self, batch):
        mark = pathlib.Path(scratch) / f"part{batch['part'][0]}-{os.getpid()}"
        mark.touch()
        if batch["part"][0] == 3 or (batch["part"][0] == 5 and len(list(mark.parent.glob("part5-*"))) == 1):
            os._exit(1)
        made = super().__call__(batch)
        status = pathlib.Path("/proc/self/status").read_text()
        peak = [line for line in status.splitlines() if line.startswith("VmHWM")][0].split()[1]
        (pathlib.Path(scratch) / f"peak{os.getpid()}").write_text(peak)
        return made

bytes_of = []
class Measured(_cluster.RayCluster):
    def _memory(self, order):
        bytes_of.append(super()._memory(order))
        return bytes_of[-1]

_cluster.Parts = Deadly
ossicle.ray._extract.RayCluster = Measured
made = ossicle.ray.extract(corpus, out, preset="timit-spikegram", address=address)
peaks = [1024 * int(path.read_text()) for path in pathlib.Path(scratch).glob("peak*")]
deaths = [len(list(pathlib.Path(scratch).glob(f"part{part}-*"))) for part in (3, 5)]
print(json.dumps([made.failures, max(peaks), bytes_of[0], deaths]))
"""


def test_a_part_that_no_actor_lives_through_is_the_drivers_and_memory_is_what_was_asked_for(
    nodes: Nodes, corpus: Path, tmp_path: Path, one_machine: dict[str, bytes]
) -> None:
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    scratch.mkdir()
    words = ["-c", DEADLY, nodes.address, str(corpus), str(out), str(scratch)]
    status, printed, said = Driver(nodes, words, out).start().ended()
    assert status == 0, said
    failures, peak, asked, deaths = json.loads(printed.splitlines()[-1])
    assert (failures, deaths) == (1, [3, 2]), said
    assert files(out) == one_machine
    assert peak < asked, f"{peak:,} of {asked:,}"


@pytest.mark.parametrize("what", ["corpus", "out"])
def test_a_node_that_does_not_see_what_the_driver_does_is_named(what: str, corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "below" / "out"
    out.mkdir(parents=True)
    with Nodes(network=78, hidden={2: [corpus if what == "corpus" else out.parent]}, count=2) as two:
        text, _ = called(two, corpus, out)
        path = str(corpus if what == "corpus" else out)
        assert text.startswith(f"node {two.nodes[1].address} ") and path in text, text
        assert not list((out / ".ossicle/parts").glob("*"))
