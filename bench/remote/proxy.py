"""A proxy between a program and a server of objects, which does what networks do.

It speaks HTTP/1.1, one request a connection, so that each can have a fault of its own. Which request has which is
decided by a seed, so that a run can be seen again.
"""

import http.client
import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULTS = ("busy", "cut", "stall", "closed", "lost", "twice")


class Proxy:
    """Listens on loopback as long as it is entered.

    Parameters
    ----------
    upstream : str
        host and port of the server
    rate : float
        the part of requests that have a fault
    latency_s : float
        how long each request waits before it goes on
    """

    def __init__(self, upstream, *, rate=0.0, latency_s=0.0, seed=1, faults=FAULTS):
        self.upstream = upstream
        self.rate = rate
        self.latency_s = latency_s
        self.faults = faults
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.seen = dict.fromkeys(FAULTS, 0)
        self.requests = 0
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def fault(self):
        with self.lock:
            self.requests += 1
            if self.random.random() >= self.rate:
                return None
            fault = self.random.choice(self.faults)
            self.seen[fault] += 1
            return fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Proxy

    def log_message(self, *_):
        pass

    def _forward(self, body):
        upstream = http.client.HTTPConnection(self.owner.upstream, timeout=60)
        # The host is signed: the server must be told the one that the program has asked.
        upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() != "connection":
                upstream.putheader(name, value)
        upstream.endheaders(body or None)
        answer = upstream.getresponse()
        text = answer.read()
        upstream.close()
        return answer, text

    def _any(self):
        self.close_connection = True
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        time.sleep(self.owner.latency_s)
        fault = self.owner.fault()
        if fault is not None and self.command == "POST" and self.path.partition("?")[2].startswith("uploads"):
            # Of an upload whose number is lost on the way only the store knows, and a rule of the bucket tidies it.
            fault = "busy"
        if fault == "busy":
            self.wfile.write(b"HTTP/1.1 503 Slow Down\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
            return
        if fault == "closed":
            return
        answer, text = self._forward(body)
        if fault == "lost":
            return
        if fault == "twice":
            answer, text = self._forward(body)
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "keep-alive"):
                self.send_header(name, value)
        length = answer.getheader("content-length") if self.command == "HEAD" else len(text)
        self.send_header("content-length", str(length or 0))
        self.send_header("connection", "close")
        self.end_headers()
        if self.command == "HEAD":
            return
        if fault in ("cut", "stall"):
            self.wfile.write(text[: len(text) // 2])
            self.wfile.flush()
            if fault == "stall":
                time.sleep(3)
            return
        self.wfile.write(text)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _any
