"""A small clamd: speaks INSTREAM over a real socket, finds the word EICAR, and can be told to fail."""

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIGNATURE = "Win.Test.EICAR_HDB-1"


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack(">I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
            if len(content) > self.server.limit:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.scanned.append(content)
        found = b"EICAR" in content
        self.wfile.write(f"stream: {SIGNATURE} FOUND\0".encode() if found else b"stream: OK\0")


class _Settings:
    scanned: list[bytes]
    limit: int
    address: str
    daemon_threads = True


class _Tcp(_Settings, socketserver.ThreadingTCPServer):
    pass


class _Unix(_Settings, socketserver.ThreadingUnixStreamServer):
    pass


@contextmanager
def clamd(*, path: Path | None = None, limit: int = 25 * 1024 * 1024) -> Iterator[_Settings]:
    """A server on a free port, or on the socket ``path``; ``address`` is what the setting names."""
    server = _Unix(str(path), _Handler) if path else _Tcp(("127.0.0.1", 0), _Handler)
    server.scanned, server.limit = [], limit
    server.address = f"unix://{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
