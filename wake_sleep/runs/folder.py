"""A run's folder: settings, traces, libraries, model, reports; one writer; what is there is whole.

config.toml                 what the run is (settings that must not change)
lock                        who writes: pid, host, boot id
files.sha256, commits/      which files these are, by hash: `bound.py`
traces/cycle_003.parquet    proofs: of tasks, of the human corpus as rewritten, dreams
library/cycle_003.json      the library after a cycle
log/                        the machine's records of every proof that counted (docs/log.md)
reports/cycle_003.json      the cycle's figures: says that the cycle is finished
library.json, library.mm, model.safetensors, report.html      the newest state
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from metadream import _core
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed
from metadream.metamath_db.files import publish as publish
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.wake_sleep.runs.file_hashes import COMMITS, LIST, Bound
from metadream.wake_sleep.runs.settings import Settings, read_settings
from metadream.wake_sleep.runs.shape import is_count, is_number, is_text, list_of, map_of, maybe, pair_of, record

REPORT_SCHEMA = 1
LONGEST_LOCK = 4096  # bytes that are read of a lock
LONGEST_NAME = 64
LOG_THREADS = 2
COUNTS = (  # in a cycle's report, without which nothing can be shown
    *("schema", "cycle", "tasks", "solved", "solved_without_library", "solved_ever", "refused", "expansions"),
    *("library_size", "description_length", "description_length_unfolded", "log_records"),
)
TEXTS = ("description_unit", "library_sha256", "proofs_sha256", "log_root")
MORE_COUNTS = (
    *("unseen", "unseen_solved", "unseen_solved_without_library", "reused_composites", "reused_skeletons"),
    *(
        "solved_in_context",
        "proofs_by_skeletons",
        "expansions_used",
        "expansions_used_without_library",
        "dreams",
        "workers",
    ),
)
RATE = maybe(record({"tasks": is_count, "proved": is_count, "rate": is_number}))
REPORT = record(
    {**dict.fromkeys(COUNTS, is_count), **dict.fromkeys(TEXTS, is_text), "seconds": map_of(is_number)},
    {
        **dict.fromkeys(MORE_COUNTS, is_count),
        **dict.fromkeys(("examples", "nll_first_stage", "nll_before_calibration", "nll"), maybe(is_number)),
        **dict.fromkeys(("ranker_sha256", "python", "price", "moves"), is_text),
        "moves_model": maybe(map_of(is_number)),
        **dict.fromkeys(("refusals", "unseen_gained", "unseen_lost"), list_of(is_text)),
        "unseen_points": maybe(is_number),
        "unseen_interval": maybe(list_of(is_number, 2)),
        "reused": list_of(pair_of(is_text, is_count)),
        "pass_rate": record({"training": RATE, "unseen": RATE}),
        "learnt_proofs": map_of(is_count),
    },
)


def boot_id() -> str:
    """The kernel's name for this boot, or nothing where there is none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


class Folder:
    """Paths and files of a run. Readers need no lock."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> Bound:
        """Its files, as they were written."""
        return Bound(self.root)

    def name(self, path: Path) -> str:
        """A path as the list of files has it."""
        return path.relative_to(self.root).as_posix()

    @property
    def config(self) -> Path:
        """The settings."""
        return self.root / "config.toml"

    @property
    def model(self) -> Path:
        """The weights."""
        return self.root / "model.safetensors"

    @property
    def log(self) -> Path:
        """The folder of the log."""
        return self.root / "log"

    def trace(self, cycle: int) -> Path:
        """The proofs of a cycle."""
        return self.root / "traces" / f"cycle_{cycle:03}.parquet"

    def library(self, cycle: int) -> Path:
        """The library after a cycle."""
        return self.root / "library" / f"cycle_{cycle:03}.json"

    def report(self, cycle: int) -> Path:
        """The figures of a cycle."""
        return self.root / "reports" / f"cycle_{cycle:03}.json"

    def require(self) -> None:
        """Raises `InputError` unless this is a run's folder."""
        if not self.config.is_file():
            raise InputError("expected a run's folder with a config.toml; make one with 'metadream learn'", self.root)

    def settings(self) -> Settings:
        """What the run is. Raises `InputError`."""
        return read_settings(self.config, self.files.read(self.name(self.config)))

    def reports(self) -> list[dict[str, Any]]:
        """The figures of all finished cycles, in order. Raises `InputError` for a damaged one."""
        found: list[dict[str, Any]] = []
        while (text := self.files.find(self.name(path := self.report(len(found) + 1)))) is not None:
            try:
                data = parsed(text)
                good = REPORT(data) and (data["schema"], data["cycle"]) == (REPORT_SCHEMA, len(found) + 1)
            except ValueError:
                good = False
            if not good:
                raise InputError("expected a cycle's report; delete it to have the cycle done again", path)
            found.append(data)
        return found

    def check(self) -> None:
        """Raises `InputError` for the first file of the finished cycles, or record of the log, that is not as it was
        written.
        """
        reports = self.reports()
        self.files.check(len(reports))
        records, root = (reports[-1]["log_records"], reports[-1]["log_root"]) if reports else (0, None)
        if not records and not self.log.is_dir():
            return
        for finding in _core.audit_log(self.log, LOG_THREADS)["findings"]:
            raise InputError(f"the log is not as it was written ({finding['what']})", self.log / finding["file"])
        if reports and _core.log_beginning(self.log, records) != root:
            raise InputError(f"the log's first {records} records are not those that the reports speak of", self.log)

    def library_text(self, cycle: int) -> str:
        """The library after a finished cycle, as it was written. Raises `InputError`."""
        path = self.library(cycle)
        try:
            return self.files.read(self.name(path)).decode()
        except UnicodeDecodeError:
            again = f"delete {self.name(self.report(cycle))} to have the cycle done again"
            raise InputError(f"expected a cycle's library; {again}", path) from None

    def _make(self) -> None:
        """Make the folder, or take one that is empty or a run's. Raises `InputError`."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            names = {path.name for path in self.root.iterdir()}
        except OSError as problem:
            raise InputError(f"cannot be a run's folder ({problem.strerror}); take another", self.root) from None
        before = ("lock", COMMITS, LIST, f".{LIST}.new", ".config.toml.new")  # a run may have been killed so early
        if "config.toml" not in names and not names <= set(before):
            raise InputError("expected a run's folder, or an empty one; take another", self.root)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one writer while the block runs. Raises `InputError` if another process is.

        The kernel's lock on the file ends with the process that holds it, so a killed run leaves none behind. What
        the file says helps people, and tells a folder shared with another machine, where the kernel's lock may not
        reach.
        """
        self._make()
        path = self.root / "lock"
        with _opened(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                said = _owner(_text(file))
                raise InputError(f"another process writes here ({said}); wait for it", path) from None
            before = _text(file)
            host = _field(before, "host")
            if host and host != socket.gethostname():
                raise InputError(
                    f"a process of another machine writes here ({_owner(before)}); if it is dead, delete this file",
                    path,
                )
            try:
                _write(file, {"pid": os.getpid(), "host": socket.gethostname(), "boot_id": boot_id()})
            except OSError as problem:
                raise InputError(f"cannot write this file ({problem.strerror}); make room", path) from None
            try:
                self.files.recover()
                yield
            finally:
                with suppress(OSError):  # what it says helps people only
                    _write(file, None)


def _opened(path: Path) -> BinaryIO:
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
    except OSError as problem:
        raise InputError(f"cannot write this file ({problem.strerror}); take another folder", path) from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise InputError("expected a regular file; delete this", path)
    return os.fdopen(number, "r+b", buffering=0)


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read(LONGEST_LOCK).decode("utf-8", "replace")


def _write(file: BinaryIO, owner: dict[str, Any] | None) -> None:
    file.truncate(0)
    file.seek(0)
    if owner is not None:
        file.write((json.dumps(owner) + "\n").encode())
    os.fsync(file.fileno())


def _field(text: str, name: str) -> str:
    try:
        return plain(str(parsed(text.encode()).get(name, "")))[:LONGEST_NAME]
    except (ValueError, AttributeError):
        return ""


def _owner(text: str) -> str:
    return f"pid {_field(text, 'pid') or '?'} on {_field(text, 'host') or '?'}"
