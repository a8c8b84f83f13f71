"""The profiler's end in the program under test: answers questions about functions.

``begin`` runs before the app, as a start-up line of a file that is sealed for one run. It may
import nothing that the app would rather import itself, or not at all: that waits for a question.
The profiler samples from outside and needs none of this.
"""

import _socket
import _thread
import atexit
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: How long the profiler may take to ask what it wants to know when the app is done.
PATIENCE = 30.0


class Agent:
    """One end of the socket, and the thread that listens to it."""

    def __init__(self, path: str) -> None:
        self._socket = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self._socket.connect(path)
        self._pid = posix.getpid()
        self._rest = b""
        self._over = _thread.allocate_lock()
        self._over.acquire()

    def say(self, kind: str, **more: "Any") -> None:
        """Tell the profiler something. One that is gone hears nothing."""
        import json

        try:
            self._socket.send(json.dumps({"kind": kind, **more}).encode() + b"\n")
        except OSError:
            pass

    def hello(self) -> bytes:
        """Say who we are, and wait for the order."""
        # Without json, which an app may never import.
        self._socket.send(b'{"kind":"hello","pid":%d}\n' % self._pid)
        return self._line()

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            data = self._socket.recv(65536)
            if not data:
                return b""
            self._rest += data
        line, self._rest = self._rest.split(b"\n", 1)
        return line

    def listen(self) -> None:
        """Answer until the profiler has no more questions."""
        try:
            while line := self._line():
                self._answer(line)
        except OSError:
            pass
        finally:
            self._release()

    def _answer(self, line: bytes) -> None:
        import json

        order = json.loads(line)
        match order["kind"]:
            case "check":
                from pyxidium.profiling import _checking

                self.say("checked", verdicts=_checking.verdicts(order["functions"]))
            case "bye":
                self._release()

    def _release(self) -> None:
        if self._over.locked():
            self._over.release()

    def ending(self) -> None:
        """Stay until the profiler has asked everything: afterwards there is no Python to ask."""
        # A forked child is not the one that is asked.
        if posix.getpid() != self._pid:
            return
        try:
            self._socket.send(b'{"kind":"ending"}\n')
        except OSError:
            return
        self._over.acquire(timeout=PATIENCE)


def begin(path: str, parent: int, *, lines: bool = False) -> None:
    """Listen to the profiler that started this process; other processes have nothing to say."""
    if posix.getppid() != parent:
        return
    if lines and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    try:
        agent = Agent(path)
        order = agent.hello()
    except OSError:
        # A file that was sealed for a profiler runs without it, too.
        return
    if b'"measure"' in order:
        from pyxidium.profiling import _measuring

        _measuring.begin(agent, order)
    else:
        # The first to be registered is the last to run: the app's own functions are done by then.
        atexit.register(agent.ending)
        _thread.start_new_thread(agent.listen, ())
