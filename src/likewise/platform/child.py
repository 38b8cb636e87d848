"""The inside of a killable child: it limits itself, then answers framed requests until its input ends.

Run by path (`python child.py WORK OPTIONS`), not as a module: so a child imports the standard library and the one
file of work it is for, and none of this program. Its other side is `likewise.platform.children`.

A frame is two 32-bit lengths, big-endian, then a head of JSON and a body of bytes. The child speaks first: an empty
head once it is ready and limited, or `{"fault": "..."}` where it cannot start. WORK is a Python file with
`prepare()`, which loads and runs once whatever it will need, and `answer(head, body)`, which returns a head and a body.
"""

import json
import math
import os
import resource
import struct
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any, BinaryIO, cast

__all__ = ["HEAD_BYTES_MAX", "read_frame", "write_frame"]

HEAD_BYTES_MAX = 16 * 1024
_LENGTHS = struct.Struct(">II")
_NOBODY = 65_534
Answer = Callable[[Mapping[str, Any], bytes], tuple[Mapping[str, object], bytes]]


def read_frame(source: BinaryIO, *, body_bytes_max: int) -> tuple[bytes, bytes] | None:
    """The next head (its JSON) and body, or None where the stream ended between two frames.

    Raises EOFError where it ends within one, ValueError where a length is over its bound.
    """
    lengths = source.read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise EOFError
    head_bytes, body_bytes = _LENGTHS.unpack(lengths)
    if head_bytes > HEAD_BYTES_MAX or body_bytes > body_bytes_max:
        raise ValueError(f"a frame of {head_bytes} + {body_bytes} bytes")
    head, body = source.read(head_bytes), source.read(body_bytes)
    if len(head) < head_bytes or len(body) < body_bytes:
        raise EOFError
    return head, body


def write_frame(target: BinaryIO, head: Mapping[str, object], body: bytes = b"") -> None:
    """Send a head and a body. Raises OSError where nobody reads."""
    text = json.dumps(head).encode()
    target.write(_LENGTHS.pack(len(text), len(body)) + text)
    target.write(body)
    target.flush()


def _serve(work: str, *, memory_mb: int, cpu_s: float, body_bytes_max: int) -> None:
    requests = os.fdopen(0, "rb")
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not become a frame
    try:
        _limit_memory(memory_mb)
        answer = _load(work)
        _close_the_doors()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent reports it
        write_frame(replies, {"fault": f"{type(error).__name__}: {error}"[:1000]})
        return
    write_frame(replies, {})
    while (frame := read_frame(requests, body_bytes_max=body_bytes_max)) is not None:
        _limit_cpu(cpu_s)
        head, body = answer(json.loads(frame[0]), frame[1])
        del frame
        write_frame(replies, head, body)


def _load(work: str) -> Answer:
    spec = spec_from_file_location("work", work)
    if spec is None or spec.loader is None:
        raise ImportError(work)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    cast("Callable[[], None]", module.prepare)()
    return cast("Answer", module.answer)


def _limit_memory(memory_mb: int) -> None:
    if sys.platform != "darwin":  # which knows this limit and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))


def _limit_cpu(cpu_s: float) -> None:
    """End this process after so many more seconds of computing, also where nobody is left to kill it."""
    seconds = math.ceil(time.process_time() + cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))


def _close_the_doors() -> None:
    """From here on no file and no socket can be opened, no process or thread started, no byte of a file written.

    Root stands above such limits, so it becomes nobody first, where it may: in some containers it may not.
    """
    if os.geteuid() == 0:
        with suppress(OSError):
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
    for limit in (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC):
        resource.setrlimit(limit, (0, 0))


if __name__ == "__main__":
    _serve(sys.argv[1], **json.loads(sys.argv[2]))
