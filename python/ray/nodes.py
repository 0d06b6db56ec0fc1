"""A cluster of Ray on one machine: a node in each of three network namespaces, with an address of its own.

Where namespaces are not to be had, nodes share the machine's network and are told apart by their ports; to cut one off is to
stop its processes then. Everything is started in sessions of its own and ended by process group.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from typing_extensions import Self

RAY = Path(sys.executable).with_name("ray")

# Fewer seconds until a node counts as dead than Ray's own, which are made for networks that are slow now and then.
ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
    "RAY_health_check_initial_delay_ms": "3000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "3000",
    "RAY_health_check_failure_threshold": "3",
    "RAY_raylet_start_wait_time_s": "120",
    "OSSICLE_CACHE": "/nonexistent",
    # Credentials are each node's own; the server of objects takes any.
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "hunter2hunter2",
}


def has_namespaces() -> bool:
    """Whether network namespaces can be made here."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    made = subprocess.run(["ip", "netns", "add", "ossray-try"], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "delete", "ossray-try"], capture_output=True, check=False)
    return made.returncode == 0


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@dataclass
class Node:
    """A node, the first of which is the head."""

    number: int
    network: int
    in_namespace: bool
    temporary: Path
    process: subprocess.Popen[bytes] | None = None
    hidden: list[Path] = field(default_factory=list)
    """Folders that it does not see."""

    @property
    def address(self) -> str:
        return f"10.213.{self.network}.{self.number}" if self.in_namespace else "127.0.0.1"

    @property
    def gcs_port(self) -> int:
        """The port of the head. None of the ports is among those that others on the machine are given."""
        return 20400 + self.network

    @property
    def namespace(self) -> str:
        return f"oss{self.network}n{self.number}"

    def inside(self, words: list[str]) -> list[str]:
        """The words that run a command on the node."""
        return ["ip", "netns", "exec", self.namespace, *words] if self.in_namespace else words

    def start(self, num_cpus: int = 1) -> None:
        first = 20500 + 200 * self.number + 1000 * (self.network - 77)
        ports = ["node-manager-port", "object-manager-port", "dashboard-agent-listen-port"]
        ports += ["dashboard-agent-grpc-port", "runtime-env-agent-port", "metrics-export-port"]
        words = [str(RAY), "start", "--block", f"--num-cpus={num_cpus}", f"--node-ip-address={self.address}"]
        words += [f"--{name}={first + at}" for at, name in enumerate(ports)]
        words += [f"--min-worker-port={first + 20}", f"--max-worker-port={first + 199}"]
        words += ["--object-store-memory=80000000", "--memory=2000000000", "--disable-usage-stats"]
        if self.number == 1:
            words += ["--head", f"--port={self.gcs_port}", "--include-dashboard=false", f"--temp-dir={self.temporary}"]
        else:
            host = f"10.213.{self.network}.1" if self.in_namespace else "127.0.0.1"
            words.append(f"--address={host}:{self.gcs_port}")
        if self.hidden:
            # The namespace of mounts is this command's own.
            mounts = " && ".join(f"mount -t tmpfs none {folder}" for folder in self.hidden)
            words = ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh", *words]
        log = (self.temporary / f"node{self.number}.log").open("ab")
        environment = {**os.environ, **ENVIRONMENT}
        self.process = subprocess.Popen(
            self.inside(words),
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End it at once, with all its processes."""
        if self.process is not None:
            for group in self.groups():
                with_signal(group, signal.SIGKILL)
            self.process.wait(timeout=30)
            self.process = None

    def groups(self) -> list[int]:
        """The groups of its processes: workers have some of their own."""
        if self.process is None:
            return []
        found, all_of = {self.process.pid}, {self.process.pid}
        parents = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    text = (folder / "stat").read_text()
                except OSError:
                    continue
                # What is in brackets may hold anything.
                parent, group, session = map(int, text.rsplit(")", 1)[1].split()[1:4])
                parents[int(folder.name)] = (parent, group)
                # Those whose parents have ended are of its session still.
                if session == self.process.pid:
                    all_of.add(int(folder.name))
                    found.add(group)
        grew = True
        while grew:
            children = {pid for pid, (parent, _) in parents.items() if parent in all_of} - all_of
            all_of |= children
            found |= {parents[child][1] for child in children}
            grew = bool(children)
        return sorted(found - {os.getpgrp()})

    def cut_off(self) -> None:
        """Let nothing reach it, nor anything that it says."""
        if self.in_namespace:
            ip("link", "set", f"{self.namespace}b", "down")
        else:
            [with_signal(group, signal.SIGSTOP) for group in self.groups()]

    def reconnect(self) -> None:
        if self.in_namespace:
            ip("link", "set", f"{self.namespace}b", "up")
        else:
            [with_signal(group, signal.SIGCONT) for group in self.groups()]


def with_signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        pass


class Nodes:
    """A cluster, which is there as long as the `with` block."""

    def __init__(self, network: int = 77, hidden: dict[int, list[Path]] | None = None, count: int = 3) -> None:
        self._bridge = f"oss{network}br"
        self._in_namespaces = has_namespaces()
        self._temporary = Path(tempfile.mkdtemp(prefix="ossray", dir="/tmp"))
        hidden = hidden or {}
        self.nodes = [
            Node(number, network, self._in_namespaces, self._temporary, hidden=hidden.get(number, []))
            for number in range(1, count + 1)
        ]

    @property
    def address(self) -> str:
        return f"{self.nodes[0].address}:{self.nodes[0].gcs_port}"

    def __enter__(self) -> Self:
        try:
            if self._in_namespaces:
                self._make_network()
            for node in self.nodes:
                self.start(node)
            self.wait_for(len(self.nodes))
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self, node: Node, seconds: float = 120) -> None:
        """Start a node, one at a time, and wait until it says that it has."""
        log = self._temporary / f"node{node.number}.log"
        log.unlink(missing_ok=True)
        node.start()
        end = time.monotonic() + seconds
        while "Ray runtime started" not in log.read_text(errors="replace"):
            if time.monotonic() > end or (node.process is not None and node.process.poll() is not None):
                raise TimeoutError(f"node {node.number} does not start: {log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.2)

    def __exit__(self, *_: object) -> None:
        for node in reversed(self.nodes):
            node.kill()
        if self._in_namespaces:
            self._remove_network()
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _make_network(self) -> None:
        self._remove_network()
        ip("link", "add", self._bridge, "type", "bridge")
        ip("link", "set", self._bridge, "up")
        for node in self.nodes:
            ip("netns", "add", node.namespace)
            inside, outside = f"{node.namespace}a", f"{node.namespace}b"
            ip("link", "add", inside, "type", "veth", "peer", "name", outside)
            ip("link", "set", inside, "netns", node.namespace)
            ip("link", "set", outside, "master", self._bridge)
            ip("link", "set", outside, "up")
            ip("-n", node.namespace, "address", "add", f"{node.address}/24", "dev", inside)
            ip("-n", node.namespace, "link", "set", inside, "up")
            ip("-n", node.namespace, "link", "set", "lo", "up")

    def _remove_network(self) -> None:
        for node in self.nodes:
            for words in (["link", "delete", f"{node.namespace}b"], ["netns", "delete", node.namespace]):
                subprocess.run(["ip", *words], capture_output=True, check=False)
        subprocess.run(["ip", "link", "delete", self._bridge], capture_output=True, check=False)

    def command(self, words: list[str]) -> list[str]:
        """The words that run a command on the head."""
        return self.nodes[0].inside(words)

    def wait_for(self, count: int, seconds: float = 120) -> None:
        """Wait until so many nodes are alive."""
        code = "import ray, sys; ray.init(address=sys.argv[1], logging_level='error', log_to_driver=False); "
        code += "print('alive', sum(node['Alive'] for node in ray.nodes()))"
        end, said = time.monotonic() + seconds, ""
        while time.monotonic() < end:
            words = self.command([sys.executable, "-c", code, self.address])
            asked = subprocess.run(
                words, capture_output=True, text=True, check=False, env={**os.environ, **ENVIRONMENT}, timeout=100
            )
            said = asked.stdout + asked.stderr
            if f"alive {count}\n" in asked.stdout:
                return
            time.sleep(1)
        logs = "".join(path.read_text(errors="replace")[-2000:] for path in self._temporary.glob("node*.log"))
        raise TimeoutError(f"there are not {count} nodes: {said}\n{logs}")
