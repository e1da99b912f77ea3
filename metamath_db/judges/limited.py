"""A child process with limits on memory, time and what it writes.

Used for judges that cannot be trusted with foreign files: metamath-rs takes all memory for some proofs of 300
bytes, metamath-exe ends in a segmentation fault for one of 53. The child sets the limits on itself before it
does anything else (no `preexec_fn`, which is unsafe where threads run).

Run as ``python -m metadream.metamath_db.judges.limited MEMORY CPU_S BYTES knife`` it reads a source from standard input
and prints metamath-rs's report as one JSON line; with ``exec PROGRAM ARGUMENTS...`` in place of ``knife`` it
becomes that program.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_MEMORY = 4 << 30  # bytes for a child, however large its source
MOST_CPU_S = 600


@dataclass(frozen=True)
class Limits:
    """The resource limits of a child process."""

    memory: int = MOST_MEMORY  # address space, bytes
    cpu_s: int = MOST_CPU_S  # processor time, seconds
    wall_s: float = 600.0  # time on the clock, seconds
    output: int = 64 << 20  # bytes written to standard output or to any file

    @classmethod
    def for_source(cls, size: int) -> Limits:
        """Limits for judging a source of `size` bytes: several times what good databases need, up to a ceiling, and
        no more memory than the user allows this process.
        """
        from metadream.metamath_db import bounds  # not at the top: a child does without typer

        seconds = min(MOST_CPU_S, 10 + 5 * (size >> 20))  # many times what metamath-exe needs
        memory = min(MOST_MEMORY, (768 << 20) + 32 * size)
        allowed = bounds.current()
        if allowed.asked and allowed.memory_bytes is not None:
            memory = min(memory, allowed.memory_bytes)
        return cls(memory=memory, cpu_s=seconds, wall_s=2.0 * seconds + 20)


@dataclass(frozen=True)
class Finished:
    """The result of a child process that ended or was ended."""

    output: bytes  # standard output, standard error beside it if asked for
    status: int  # exit status; negative: the signal that ended it
    ended_by: str | None  # why it did not end by itself, in words; None if it did
    at_limit: bool = False  # whether a limit on time or output ended it


def run_limited(
    task: Sequence[str], limits: Limits, given: bytes | Path | None = None, folder: Path | None = None
) -> Finished:
    """Run ``knife`` or ``exec PROGRAM ARGUMENTS...`` in a child with limits.

    `given` is what the child reads: bytes, or a file. Its standard error is dropped.
    """
    numbers = [str(limits.memory), str(limits.cpu_s), str(limits.output)]
    # -P: nothing is imported from the folder that the child runs in
    command = [sys.executable, "-P", "-m", "metadream.metamath_db.judges.limited", *numbers, *task]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as source:
        if isinstance(given, bytes):
            source.write(given)
            source.seek(0)
        with subprocess.Popen(
            command, stdin=source, stdout=output, stderr=subprocess.DEVNULL, cwd=folder, start_new_session=True
        ) as child:
            try:
                status = child.wait(limits.wall_s)
                ended_by = _reason(status, limits)
            except subprocess.TimeoutExpired:
                ended_by, status = f"ended after {limits.wall_s:g} seconds on the clock", -signal.SIGXCPU
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
        output.seek(0)
        at_limit = -status in (signal.SIGXCPU, signal.SIGXFSZ)
        return Finished(output.read(limits.output), status, ended_by, at_limit)


def _reason(status: int, limits: Limits) -> str | None:
    if status >= 0:
        return None
    if -status == signal.SIGXCPU:
        return f"ended after {limits.cpu_s} seconds of processor time"
    if -status == signal.SIGXFSZ:
        return f"ended after writing {limits.output} bytes"
    name = signal.Signals(-status).name if -status in signal.valid_signals() else str(-status)
    return f"ended by {name} (limit: {limits.memory >> 20} MiB)"


def _set_limits(memory: int, cpu_s: int, output: int) -> None:
    try:
        import resource
    except ImportError:  # not a Unix: the time limit of the parent remains
        return
    wanted = {"RLIMIT_AS": memory, "RLIMIT_CPU": cpu_s, "RLIMIT_FSIZE": output, "RLIMIT_CORE": 0}
    for name, value in wanted.items():
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            # the hard limit of processor time kills without a word; one second before it SIGXCPU says why
            spare = 1 if name == "RLIMIT_CPU" and (hard == resource.RLIM_INFINITY or value < hard) else 0
            resource.setrlimit(kind, (value, value + spare))
        except (ValueError, OSError):  # macOS knows RLIMIT_AS but does not set it
            continue


def main(arguments: list[str]) -> int:
    """The child: set the limits, then do the task."""
    memory, cpu_s, output, task, *rest = arguments
    _set_limits(int(memory), int(cpu_s), int(output))
    if task == "exec":
        os.execv(rest[0], rest)
    from metadream import _core

    sys.stdout.write(_core.knife_check(sys.stdin.buffer.read()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
