"""What travels between this process and a worker: Python values, and large buffers around them.

A large buffer is received by one call into the kernel. The usual way reads it piece by piece, and the thread that does
asks for the interpreter's lock at each, while the main thread has it and the worker waits.
"""

import os
import socket
from multiprocessing.connection import Connection

import numpy as np

_SOCKETS = os.name == "posix"  # elsewhere a pipe is no socket


class Wire:
    """One end of a connection. One thread sends, one receives.

    Raises, from every method:
        EOFError, OSError: The other end is gone.
    """

    def __init__(self, pipe: "Connection") -> None:
        self._pipe = pipe
        self._socket = socket.socket(fileno=os.dup(pipe.fileno())) if _SOCKETS else None

    def send(self, value: object) -> None:
        """Send a value."""
        self._pipe.send(value)

    def receive(self) -> object:
        """Wait for a value."""
        return self._pipe.recv()

    def send_large(self, data: "bytes | memoryview") -> None:
        """Send a buffer."""
        if self._socket is None:
            self._pipe.send_bytes(data)
            return
        self._pipe.send(len(data))
        self._socket.sendall(data)

    def receive_large(self) -> memoryview:
        """Wait for a buffer."""
        if self._socket is None:
            return memoryview(self._pipe.recv_bytes())
        found = np.empty(self._pipe.recv(), np.uint8).data
        left = found
        while len(left):
            count = self._socket.recv_into(left, 0, socket.MSG_WAITALL)
            if not count:
                raise EOFError
            left = left[count:]
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._pipe.close()
        if self._socket is not None:
            self._socket.close()
