"""What a command may take: memory and seconds, for the whole process. docs/bounds.md has all bounds.

Every verb has ``--max-memory`` and ``--max-seconds`` (`cli` adds them). Inside `setting` a thread of the core looks
at both 50 times a second, and hears Ctrl-C whatever Python does; where a bound is reached, the command ends with an
`InputError` that names it, on Ctrl-C with `KeyboardInterrupt`, each within half a second.
"""

from __future__ import annotations

import importlib
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from typer import Option

from metadream.metamath_db.errors import InputError

SEARCH_MOST = 2 << 30  # bytes for one thread's search, unless --max-memory is given
LEAST = 64 << 20  # bytes that --max-memory allows at least: Python alone takes half of that
_CGROUP = ("memory.max", "memory.current")  # files of a container's limit and use
_CGROUP_V1 = ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

MaxMemory = Annotated[
    str | None,
    Option(metavar="SIZE", help="Most memory, such as 512M or 2G. Default: three quarters of what is free."),
]
MaxSeconds = Annotated[float | None, Option(min=0.001, help="End with an error after so many seconds. Default: never.")]


@dataclass(frozen=True)
class Bounds:
    """The memory and time that this process may use."""

    memory_bytes: int | None  # of its own; what is mapped from files does not count; None where nobody can say
    seconds: float | None = None  # on the clock; None: no bound
    asked: bool = False  # whether the user said how much memory

    def search_bytes(self, threads: int = 1) -> int:
        """Bytes that one of `threads` searches may hold: half of what the user allows, divided among them, or else a
        quarter of the machine's memory, at most `SEARCH_MOST`.
        """
        if self.asked and self.memory_bytes is not None:
            return self.memory_bytes // (2 * max(1, threads))
        return min(SEARCH_MOST, (machine_bytes() or 4 * SEARCH_MOST) // 4)


def parse_size(text: str) -> int:
    """Bytes of a size such as ``512M``, ``1.5G`` or ``1000000``. Raises `InputError`."""
    match = re.fullmatch(r"\s*(\d{1,18}(?:\.\d{1,6})?)\s*([KMGT]?)(?:i?B)?\s*", text, re.IGNORECASE | re.ASCII)
    if match is None:
        raise InputError(f"--max-memory: expected a size such as 512M, 2G or a number of bytes, not '{text}'")
    size = int(float(match[1]) * _UNITS[match[2].upper()])
    if size < LEAST:
        raise InputError(f"--max-memory: expected at least {LEAST >> 20}M, not '{text}'")
    return size


def chosen(max_memory: str | None, max_seconds: float | None) -> Bounds:
    """The bounds of the two options; the defaults where they are not given. Raises `InputError` for a bad size."""
    if max_memory is not None:
        return Bounds(parse_size(max_memory), max_seconds, asked=True)
    free = free_bytes()
    return Bounds(None if free is None else free * 3 // 4, max_seconds)


_current: Bounds | None = None


def current() -> Bounds:
    """The bounds that are set; the defaults where none are."""
    return _current or chosen(None, None)


def are_set() -> bool:
    """Return whether bounds are in force, that is, whether the caller runs inside `setting`."""
    return _current is not None


@contextmanager
def setting(bounds: Bounds) -> Iterator[None]:
    """Keep to `bounds` inside: see the module."""
    global _current
    before, _current = _current, bounds
    try:
        with _watched(bounds):
            yield
    finally:
        _current = before


@contextmanager
def _watched(bounds: Bounds) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals belong to the main thread
        return
    core = importlib.import_module("metadream._core")
    writer = core.watch(bounds.memory_bytes, bounds.seconds, os.sysconf("SC_PAGE_SIZE"))
    os.set_blocking(writer, False)
    wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    # a suite in the background does not hear Ctrl-C, and a caller's own handler stays
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    finally:
        core.unwatch()
        signal.set_wakeup_fd(wakeup)
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupted(*_: Any) -> None:
    reason = importlib.import_module("metadream._core").heard()
    if reason == "interrupted":
        raise KeyboardInterrupt
    if reason is not None:
        raise InputError(reason)


def machine_bytes() -> int | None:
    """The machine's memory, or what its container or its limits give this process; None where it cannot be said."""
    sizes = [_meminfo("MemTotal"), *_limits()]
    return min((size for size in sizes if size is not None), default=None)


def free_bytes() -> int | None:
    """How much memory this process may still take without harm to others; None where it cannot be said."""
    free = [_meminfo("MemAvailable")]
    for limit, used in (_CGROUP, _CGROUP_V1):
        most, now = _cgroup(limit), _cgroup(used)
        if most is not None and now is not None:
            free.append(max(0, most - now))
    free.append(_address_space())
    return min((size for size in free if size is not None), default=None)


def _limits() -> list[int | None]:
    return [_cgroup(_CGROUP[0]), _cgroup(_CGROUP_V1[0]), _address_space()]


def _meminfo(name: str) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) << 10
    return None


def _cgroup(name: str) -> int | None:
    with suppress(OSError, ValueError):
        return int(Path("/sys/fs/cgroup", name).read_text())
    return None


def _address_space() -> int | None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        return None if limit == resource.RLIM_INFINITY else limit
    return None
