"""The `ossicle` command: `python -m ossicle`."""

import signal
import sys

from ossicle._ossicle import run_command


def main() -> None:
    """Run the command line of this process, and exit as the command does."""
    # The command has its own answer to Ctrl-C, and to a reader of its output that goes away.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    again = [sys.executable, "-m", "ossicle"]
    sys.stdout.flush()
    sys.exit(run_command(["ossicle", *sys.argv[1:]], again))


if __name__ == "__main__":
    main()
