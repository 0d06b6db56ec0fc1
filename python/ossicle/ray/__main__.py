"""The `ossicle extract` command on a cluster: `python -m ossicle.ray extract …`."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys

import ossicle
from ossicle import _verbs
from ossicle._ossicle import run_command
from ossicle.ray._cluster import RayCluster

ABOUT = """\
python -m ossicle.ray extract CORPUS… --out DATASET --preset NAME …

The arguments of `ossicle extract`, but --share and --dry-run, and of the cluster:
"""


def main() -> None:
    """Run the command line of this process, and exit as the command does."""
    parser = argparse.ArgumentParser(prog="python -m ossicle.ray", usage=ABOUT, allow_abbrev=False, add_help=False)
    parser.add_argument("--address", metavar="ADDRESS", help="the cluster's, as ray.init takes it")
    parser.add_argument(
        "--concurrency", metavar="N", type=int, help="how many actors [default: what there is room for]"
    )
    parser.add_argument("--num-cpus", metavar="N", type=float, default=1.0, help="the cores of an actor [default: 1]")
    # What is the driver's and the actors' too.
    parser.add_argument("--isolation", help=argparse.SUPPRESS)
    parser.add_argument("--timeout-per-utterance", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--max-open-files", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--readers", type=int, help=argparse.SUPPRESS)
    own, words = parser.parse_known_args()
    if not words or words[0] != "extract":
        parser.print_help(sys.stderr)
        sys.exit(2)
    if any(word.split("=")[0] in ("--share", "--dry-run") for word in words):
        sys.exit(_said("a cluster deals parts out itself: --share and --dry-run are for `ossicle extract`"))
    for name in ("timeout_per_utterance", "max_open_files", "readers"):
        value = getattr(own, name)
        words += [] if value is None else [f"--{name.replace('_', '-')}={value}"]
    try:
        cluster = RayCluster(
            address=own.address,
            concurrency=own.concurrency,
            num_cpus=own.num_cpus,
            isolation=own.isolation,
            timeout_s=own.timeout_per_utterance,
            max_open_files=own.max_open_files,
            readers=own.readers,
            bars="-q" not in words and "--quiet" not in words,
        )
    except ossicle.Error as error:
        sys.exit(_said(str(error)))
    words.append(f"--isolation={own.isolation or 'processes'}")
    # The command has its own answer to Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.stdout.flush()
    # What is printed is the result alone; Ray would tell there of nodes that die.
    with cluster, contextlib.redirect_stdout(sys.stderr):
        code = run_command(["ossicle", *words], _verbs.again(), cluster)
    sys.exit(code)


def _said(text: str) -> int:
    print(f"ossicle: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
