"""Who goes first on the processor: a query somebody waits for, or a group of a bulk load."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["Gate"]


class Gate:
    """Groups of bulk work begin only while no query is under way, or after a wait that is bounded: neither starves.

    Safe to use from several threads. A group that runs is not interrupted; groups are short.
    """

    def __init__(self, *, wait_max_s: float) -> None:
        """`wait_max_s`: the longest a group waits for queries; 0: it never does."""
        self._wait_max_s = wait_max_s
        self._queries = 0
        self._changed = threading.Condition()

    @contextmanager
    def query(self) -> Generator[None]:
        """A query is under way, from its arrival on."""
        with self._changed:
            self._queries += 1
        try:
            yield
        finally:
            with self._changed:
                self._queries -= 1
                if not self._queries:
                    self._changed.notify_all()

    def wait_for_queries(self) -> None:
        """Called by a thread that is about to compute a group."""
        if not self._queries or not self._wait_max_s:  # a glance without the lock: being wrong costs one group
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._queries, timeout=self._wait_max_s)
