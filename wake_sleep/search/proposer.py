"""Proposers: external rankers of the moves of a goal, either a callable or a process (docs/proposer.md).

A callable takes a goal with its most probable moves (`Question`) and returns a log-probability for each move. A process
reads questions from its standard input and writes answers to its standard output, one JSON object in each line.
"""

from __future__ import annotations

import json
import os
import select
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from types import TracebackType
from typing import Any, TypeAlias, TypedDict

from metadream._core import SearchOptions, stopping
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import plain

VERSION = 1
TIMEOUT = 60.0  # maximal time for an answer, in seconds
SLICE = 0.1  # seconds between two checks whether the search has to stop
MOST_BYTES = 1 << 20  # maximal number of bytes of one answer
SHOWN = 200  # number of characters of a wrong answer that an error message quotes


class Move(TypedDict):
    """A move that can be applied to a goal."""

    label: str  # the assertion or lemma
    text: str  # what it does: "premise & premise => conclusion", in the assertion's variables
    takes: str | None  # the member of gamma that it takes apart, if it takes one
    cost: float  # what the first stage says: -log p, nats


class Question(TypedDict):
    """An open goal and its most probable moves, in descending order of probability under the first stage."""

    goal: str  # with its typecode; ?0, ?1 ... are not known yet
    gamma: list[str]  # what may be assumed
    hypotheses: list[str]  # of the task, with their typecodes
    moves: list[Move]


#: A function that returns for each move of a question its log-probability (nats), up to a constant.
Proposer: TypeAlias = Callable[[Question], Sequence[float]]


class ProcessProposer:
    """A proposer process. Any thread may call it; it gets one goal at a time. Close it, or use it in a ``with``."""

    def __init__(self, command: str, timeout: float = TIMEOUT) -> None:
        """Start `command`, split into words as in a shell, and exchange the version line with it.

        `timeout`: maximal time for an answer, in seconds. Raises `InputError`.
        """
        self.command, self.timeout = command, timeout
        self._lock, self._number, self._rest, self._problem = Lock(), 0, b"", ""
        try:
            words = shlex.split(command)
            # a session of its own: Ctrl-C is for the search, which then closes the process
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True
            )
        except (OSError, ValueError, IndexError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else str(problem)
            raise InputError(f"the proposer '{plain(command)}' cannot be started: {why}") from None
        assert self._process.stdin is not None and self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        try:
            self.name = self._greeted()
        except BaseException:
            self.close()
            raise

    def _greeted(self) -> str:
        """Exchange the version line with the process. Returns the name that the process gives itself."""
        said = self._exchange({"protocol": "metadream-proposer", "version": VERSION})
        if said.get("version") != VERSION or not isinstance(said.get("name"), str):
            raise self._wrong(f'answered {_short(said)} to the version line; expected {{"version": 1, "name": "..."}}')
        return str(said["name"])

    def __call__(self, question: Question) -> list[float]:
        """Returns the scores of the moves. Raises `InputError` if the process ended, is late, or answers wrongly."""
        with self._lock:
            self._number += 1
            said = self._exchange({"id": self._number, **question})
            scores = said.get("scores")
            if said.get("id") != self._number:
                raise self._wrong(f"answered {_short(said)}; expected the id {self._number}")
            if not isinstance(scores, list) or len(scores) != len(question["moves"]):
                raise self._wrong(f"answered {_short(said)}; expected {len(question['moves'])} scores")
            if not all(score is None or type(score) in (int, float) for score in scores):
                raise self._wrong(f"answered {_short(said)}; expected scores that are numbers or null")
            return [float("-inf") if score is None else float(score) for score in scores]

    def close(self) -> None:
        """End the process: close its input, and kill it after a second. A thread that waits for it gets an error."""
        self._problem = self._problem or f"the proposer '{plain(self.command)}' was closed"
        if not self._lock.acquire(timeout=1):
            self._process.kill()  # who waits for its answer sees the end of it
            self._lock.acquire()
        with self._process as process:  # closes the pipes, which nobody uses now, and waits
            try:
                process.communicate(timeout=1)
            except subprocess.TimeoutExpired:
                process.kill()
        self._lock.release()

    def __enter__(self) -> ProcessProposer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wrong(self, what: str) -> InputError:
        """Returns the error. Later calls raise the same error, as the process may be out of step with the questions."""
        self._problem = self._problem or f"the proposer '{plain(self.command)}' {what}"
        return InputError(self._problem)

    def _exchange(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Write one line to the process and return its answer, one JSON object. Raises `InputError`."""
        if self._problem:
            raise InputError(self._problem)
        answer = self._answer(json.dumps(line).encode() + b"\n")
        try:
            said = json.loads(answer)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise self._wrong(f"answered {_short(answer.decode(errors='replace'))}; expected a JSON object")
        return said

    def _answer(self, waiting: bytes) -> bytes:
        late = time.monotonic() + self.timeout
        while b"\n" not in self._rest:
            if time.monotonic() > late:
                raise self._wrong(f"did not answer within {self.timeout:g} s")
            if stopping():
                raise KeyboardInterrupt
            readable, writable, _ = select.select([self._out], [self._in] if waiting else [], [], SLICE)
            try:
                if writable:
                    waiting = waiting[os.write(self._in, waiting) :]
                if readable and not self._read():
                    raise BrokenPipeError
            except OSError:
                raise self._wrong(self._ended()) from None
            if len(self._rest) > MOST_BYTES:
                raise self._wrong(f"answered a line of more than {MOST_BYTES} bytes")
        answer, _, self._rest = self._rest.partition(b"\n")
        return answer

    def _read(self) -> bytes:
        found = os.read(self._out, 1 << 16)
        self._rest += found
        return found

    def _ended(self) -> str:
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "closed its input or output"
        return f"ended with status {status} before it answered"


def _short(said: object) -> str:
    text = said if isinstance(said, str) else json.dumps(said)
    return plain(text if len(text) <= SHOWN else f"{text[:SHOWN]} ...")


def started(command: str | None) -> AbstractContextManager[ProcessProposer | None]:
    """Returns a context manager of the process of a command; its value is None for no command. Raises `InputError`."""
    return nullcontext() if command is None else ProcessProposer(command)


def name_of(proposer: Proposer) -> str:
    """Returns the name of a proposer in answers: its `name`, or the name of the function or class."""
    name = getattr(proposer, "name", None) or getattr(proposer, "__qualname__", None)
    return str(name or type(proposer).__qualname__)


def asked(
    proposer: Proposer | None, options: SearchOptions, found: Sequence[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """Returns the part of an answer about the proposer: its name, the options of its use, and the sums of its calls,
    moves and seconds over the searches `found`; None without a proposer.
    """
    if proposer is None:
        return None
    used = [x["proposer"] for x in found if x["proposer"] is not None]
    return {
        "name": name_of(proposer),
        "command": proposer.command if isinstance(proposer, ProcessProposer) else None,
        "weight": options.proposer_weight,
        "most_moves": options.proposer_moves,
        "most_calls": options.proposer_calls,
        **{key: sum(x[key] for x in used) for key in ("calls", "moves", "seconds")},
    }
