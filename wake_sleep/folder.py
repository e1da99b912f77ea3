"""A run's folder: settings, traces, libraries, model, reports; one writer; what is there is whole.

config.toml                 what the run is (settings that must not change)
lock                        who writes: pid, host, boot id
traces/cycle_003.parquet    proofs: of tasks, of the human corpus as rewritten, dreams
library/cycle_003.json      the library after a cycle
log/                        the machine's records of every proof that counted (docs/log.md)
reports/cycle_003.json      the cycle's figures; written last, so it says that the cycle is finished
library.json, library.mm, model.safetensors, report.html      the newest state
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import publish as publish

REPORT_SCHEMA = 1
KEYS = {  # of a cycle's report, without which nothing can be shown
    *("tasks", "solved", "solved_without_library", "solved_ever", "refused", "expansions", "library_size"),
    *("description_length", "description_unit", "seconds", "library_sha256", "proofs_sha256"),
}


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

    def reports(self) -> list[dict[str, Any]]:
        """The figures of all finished cycles, in order. Raises `InputError` for a damaged one."""
        found: list[dict[str, Any]] = []
        while (path := self.report(len(found) + 1)).is_file():
            try:
                data = json.loads(path.read_text())
                if data["schema"] != REPORT_SCHEMA or data["cycle"] != len(found) + 1 or not data.keys() >= KEYS:
                    raise ValueError
                sum(data["seconds"].values())
            except (ValueError, KeyError, TypeError, AttributeError):
                raise InputError("expected a cycle's report; delete it to have the cycle done again", path) from None
            found.append(data)
        return found

    def finished(self, cycle: int) -> tuple[Path, Path]:
        """Library and proofs of a finished cycle, their hashes compared with its report. Raises `InputError`."""
        report = self.reports()[cycle - 1]
        library, trace = self.library(cycle), self.trace(cycle)
        for path, what, key in ((library, "library", "library_sha256"), (trace, "proofs", "proofs_sha256")):
            try:
                good = hashlib.sha256(path.read_bytes()).hexdigest() == report[key]
            except OSError:
                good = False
            if not good:
                again = f"delete {self.report(cycle)} to have the cycle done again"
                raise InputError(f"expected a cycle's {what}, unchanged since its report; {again}", path)
        return library, trace

    def _make(self) -> None:
        """Make the folder, or take one that is empty or a run's. Raises `InputError`."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            names = {path.name for path in self.root.iterdir()}
        except OSError as problem:
            raise InputError(f"cannot be a run's folder ({problem.strerror}); take another", self.root) from None
        if "config.toml" not in names and any(
            name != "lock" and not name.startswith(".config.toml-") for name in names
        ):
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
        with path.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise InputError(f"another process writes here ({_owner(file.read())}); wait for it", path) from None
            file.seek(0)
            before = file.read()
            host = _field(before, "host")
            if host and host != socket.gethostname():
                raise InputError(
                    f"a process of another machine writes here ({_owner(before)}); if it is dead, delete this file",
                    path,
                )
            _write(file.fileno(), {"pid": os.getpid(), "host": socket.gethostname(), "boot_id": boot_id()})
            try:
                yield
            finally:
                _write(file.fileno(), None)


def _write(number: int, owner: dict[str, Any] | None) -> None:
    os.ftruncate(number, 0)
    if owner is not None:
        os.write(number, (json.dumps(owner) + "\n").encode())
    os.fsync(number)


def _field(text: str, name: str) -> str:
    try:
        return str(json.loads(text).get(name, ""))
    except (ValueError, AttributeError):
        return ""


def _owner(text: str) -> str:
    return f"pid {_field(text, 'pid') or '?'} on {_field(text, 'host') or '?'}"
