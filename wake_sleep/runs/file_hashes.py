"""Which files a run consists of: bound by hash, put in place together, verified when they are read.

``files.sha256`` lists each file with its SHA-256, as `sha256sum` does; the SHA-256 of that list stands in the last
record of the log ``commits/`` (docs/log.md), whose head so says what every byte of the run is.

A commit writes the new files aside (``.NAME.new``), syncs them, appends the record, and renames: before the record
nothing has changed, after it everything has. What a kill left to be renamed is renamed by the next writer, and readers
take it from where it is. The list is renamed last: while it is the one of the commit before, and only then, a file may
be that commit's or missing, with the new one beside it.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from metadream import _core
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import MAX_BYTES, sync

LIST = "files.sha256"
COMMITS = "commits"
CYCLE_FILES = {"traces": "parquet", "library": "json", "reports": "json"}
DERIVED = ("library.json", "library.mm", "report.html", "model.safetensors")  # made again where they are missing
NAME = re.compile(
    r"config\.toml|library\.json|library\.mm|report\.html|model\.safetensors"
    r"|traces/cycle_\d{3,6}\.parquet|(?:library|reports)/cycle_\d{3,6}\.json"
)
WHAT = {"traces": "a cycle's proofs", "library": "a cycle's library", "reports": "a cycle's report"}
RECORDS, HEADER, RECORD, DIGEST = 65_536, 64, 52, slice(16, 48)  # of the log's segments, in bytes (docs/log.md)
TRIES = 3  # a reader may come while a writer renames


def cycle_of(name: str) -> int | None:
    """The cycle that a file belongs to; None for a file of the run as a whole."""
    found = re.search(r"/cycle_(\d+)\.", name)
    return int(found[1]) if found else None


def staged(path: Path) -> Path:
    """Where the new content of a file waits."""
    return path.with_name(f".{path.name}.new")


def content(path: Path) -> bytes | None:
    """A regular file's bytes; None if there is no such file. Raises `InputError` for anything else."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise InputError(f"this file cannot be read ({problem.strerror})", path) from None
    status = os.fstat(number)
    wrong = None
    if not stat.S_ISREG(status.st_mode):
        wrong = "expected a regular file"
    elif status.st_size > MAX_BYTES:
        wrong = f"expected a file of at most {MAX_BYTES:,} bytes"
    if wrong is not None:
        os.close(number)
        raise InputError(wrong, path)
    with os.fdopen(number, "rb") as file:
        try:
            return file.read()
        except OSError as error:
            raise InputError(f"this file cannot be read ({error.strerror})", path) from None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Bound:
    """The files of the run in the folder `root`. Names are relative, with slashes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._list: dict[str, str] | None = None
        self._before: dict[str, str] | None = None  # the list of the commit before, while the last one is unfinished

    @property
    def commits(self) -> Path:
        """The log that binds them."""
        return self.root / COMMITS

    def exists(self) -> bool:
        """Whether anything was ever bound here. A kill may have left the log without a record."""
        if not self.commits.is_dir() or {p.name for p in self.commits.iterdir()} <= {"lock", "head.json.new"}:
            return False
        try:
            found = _core.audit_log(self.commits, 1)
        except InputError:
            return True  # `head` says what is wrong
        return bool(found["findings"]) or found["head"]["records"] > 0

    def head(self) -> dict[str, object]:
        """The head of `commits`, the whole log checked. Raises `InputError`."""
        if not self.exists():
            raise InputError(
                "this log of the run's files is missing: nothing says what they were; take another folder", self.commits
            )
        try:
            findings = _core.audit_log(self.commits, 1)["findings"]
            head = {} if findings else _core.bound_files(self.commits)
        except InputError as problem:
            raise InputError(problem.message, self.commits) from None
        for finding in findings:
            said = f"the log of the run's files is not as it was written ({finding['what']}); take another folder"
            raise InputError(said, self.commits / finding["file"])
        return dict(head)

    def listed(self) -> dict[str, str]:
        """SHA-256 by name. Raises `InputError`."""
        if self._list is not None:
            return self._list
        path = self.root / LIST
        for _ in range(TRIES):
            head = self.head()
            here, waiting = content(path), content(staged(path))
            if here is not None and _sha256(here) == head["list"]:
                self._list, self._before = _parsed(here, path), None
                return self._list
            cut_short = here is None or _sha256(here) == self._list_before(int(str(head["records"])))
            if cut_short and waiting is not None and _sha256(waiting) == head["list"]:
                self._list = _parsed(waiting, staged(path))
                self._before = {} if here is None else _parsed(here, path)
                return self._list
        raise InputError(f"this list is not the one that {COMMITS}/ speaks of", path)

    def _list_before(self, records: int) -> str | None:
        """The SHA-256 of the list of the commit before the last; None if there was none. The log was checked."""
        if records < 2:
            return None
        segment, place = divmod(records - 2, RECORDS)
        data = content(self.commits / f"segment-{segment:08x}.mdlog") or b""
        return data[HEADER + RECORD * place :][DIGEST].hex()

    def pending(self) -> bool:
        """Whether a kill cut the last commit short: files wait beside their names. Raises `InputError`."""
        self.listed()
        return self._before is not None

    def _may_wait(self, name: str, known: str | None) -> bool:
        """Whether the new content of a file may stand beside it, `known` being the SHA-256 of what is in its place."""
        return self._before is not None and (name == LIST or known in (None, self._before.get(name)))

    def find(self, name: str) -> bytes | None:
        """A listed file's bytes; None if it is missing. Raises `InputError` if it is not as it was written."""
        path = self.root / name
        wrong = False
        for _ in range(TRIES):
            expected = self.listed().get(name)
            if expected is None:
                return None
            data = content(path)
            known = None if data is None else _sha256(data)
            if known == expected:
                return data
            if self._may_wait(name, known):
                waiting = content(staged(path))
                if waiting is not None and _sha256(waiting) == expected:
                    return waiting
            wrong = wrong or data is not None
            self._list = None
        if wrong:
            raise InputError(_advice(name), path)
        return None

    def read(self, name: str) -> bytes:
        """A listed file's bytes, as they were written. Raises `InputError`."""
        data = self.find(name)
        if data is None:
            raise InputError(_advice(name), self.root / name)
        return data

    def commit(self, changed: Mapping[str, bytes], dropped: Iterable[str] = ()) -> None:
        """Put files in place, all of them or none, and take others away. The caller holds the run's lock.

        Raises `InputError` if they cannot be written: the run is then as it was.
        """
        files = dict(self.listed()) if self.exists() else {}
        gone = set(dropped) & set(files)
        files = {name: known for name, known in files.items() if name not in gone}
        files |= {name: _sha256(data) for name, data in changed.items()}
        lines = "".join(f"{known}  {name}\n" for name, known in sorted(files.items())).encode()
        writing = self.root
        try:
            for name, data in {**changed, LIST: lines}.items():
                writing = self.root / name
                _write_aside(writing, data)
            for folder in {(self.root / name).parent for name in changed} | {self.root}:
                sync(folder)
            try:
                _core.bind_files(self.commits, len(files), _sha256(lines))
            except InputError as problem:
                raise InputError(f"cannot be written ({problem.message})", self.commits) from None
            self._list = None
            self._settle(changed, gone)
            self._settle([LIST], ())
        except OSError as problem:
            raise InputError(f"cannot write this file ({problem.strerror}); make room, then go on", writing) from None

    def update(self, made: Mapping[str, bytes]) -> None:
        """Commit the files that are not there as they are made. Raises `InputError`."""
        known = self.listed()
        changed = {
            name: data
            for name, data in made.items()
            if known.get(name) != _sha256(data) or content(self.root / name) != data
        }
        if changed:
            self.commit(changed)

    def _settle(self, names: Iterable[str], gone: Iterable[str]) -> None:
        folders = {self.root}
        for name in names:
            path = self.root / name
            staged(path).replace(path)
            folders.add(path.parent)
        for name in gone:
            (self.root / name).unlink(missing_ok=True)
        for folder in folders:
            sync(folder)

    def recover(self) -> None:
        """Finish the commit that a kill cut short, and remove what dead writers left. The caller holds the lock."""
        self._list = None
        if self.exists():
            expected = {**self.listed(), LIST: str(self.head()["list"])}  # in this order: the list is renamed last
            gone = set(self._before or ()) - set(expected)
            for name, known in expected.items():
                if name == LIST:
                    self._settle((), gone)
                here, waiting = content(self.root / name), content(staged(self.root / name))
                if waiting is None or _sha256(waiting) != known:
                    continue
                found = None if here is None else _sha256(here)
                if self._may_wait(name, found):
                    self._settle([name], ())
                elif found not in (known, None):
                    raise InputError(_advice(name), self.root / name)
            self._list = None
        for left in leftovers(self.root):
            if left.is_dir() and not left.is_symlink():
                raise InputError("expected no folder here; delete it", left)
            left.unlink(missing_ok=True)

    def check(self, cycles: int) -> None:
        """Raises `InputError` for the first file of a run with so many finished cycles that is not as it was written.
        What can be made again may be missing.
        """
        for name in self.listed():
            if (cycle_of(name) or 0) <= cycles and self.find(name) is None and name not in DERIVED:
                raise InputError(_advice(name), self.root / name)

    def later(self, cycle: int) -> list[str]:
        """The listed files of cycles after this one."""
        return [name for name in self.listed() if (cycle_of(name) or 0) > cycle]

    def differences(self) -> list[tuple[str, str]]:
        """What is missing, changed or there too much: (name, what). Raises `InputError` if the list itself is wrong."""
        found: list[tuple[str, str]] = []
        for name in sorted(self.listed()):
            try:
                if self.find(name) is None:
                    found.append((name, "the file is missing"))
            except InputError as problem:
                said = "the file does not have the recorded SHA-256"
                found.append((name, said if problem.message == _advice(name) else problem.message))
        return found + [(name, "the run has no such file") for name in self.foreign()]

    def foreign(self) -> list[str]:
        """Everything in the folder that is neither a file of the run nor of its logs nor left by a dead writer."""
        known = {*self.listed(), *(self._before or ())}
        left = {path for path in leftovers(self.root) if path.is_file() and not path.is_symlink()}
        out: list[str] = []
        for folder, folders, files in os.walk(self.root):
            at = Path(folder)
            inside = str(at.relative_to(self.root))
            for each in [*files, *(name for name in folders if (at / name).is_symlink())]:
                name = each if inside == "." else f"{inside}/{each}"
                if name in known or at / each in left or name in ("lock", LIST) or _of_log(inside, each):
                    continue
                out.append(name)
            for each in folders:
                ours = each in (*CYCLE_FILES, COMMITS, "log") if inside == "." else _of_log(inside, each)
                if not ours and not (at / each).is_symlink() and not any((at / each).iterdir()):
                    out.append(each if inside == "." else f"{inside}/{each}")
        return sorted(out)

    def aside(self) -> list[str]:
        """What lies beside the run's files and no commit speaks of: a killed writer left it, or it was put there."""
        out: list[str] = []
        expected = {**self.listed(), LIST: str(self.head()["list"])}
        for path in leftovers(self.root):
            if path.is_file() and not path.is_symlink():
                name = self._named(path)
                waits = self._before is not None and path.name.endswith(".new")
                if not waits or _sha256(content(path) or b"") != expected.get(name):
                    out.append(path.relative_to(self.root).as_posix())
        return sorted(out)

    def _named(self, path: Path) -> str:
        """The file whose new content waits in `path`."""
        return path.with_name(path.name.removeprefix(".").removesuffix(".new")).relative_to(self.root).as_posix()


def _of_log(folder: str, name: str) -> bool:
    known = r"head\.json(?:\.new)?|lock|segment-[0-9a-f]{8}\.mdlog"
    return folder in (COMMITS, "log") and re.fullmatch(known, name) is not None


def leftovers(root: Path) -> list[Path]:
    """Files that wait for a commit or that a dead writer left aside."""
    aside = re.compile(rf"\.(?:{NAME.pattern}|{re.escape(LIST)})(?:\.new|-[a-z0-9_]{{8}})")
    out: list[Path] = []
    for folder in ("", *CYCLE_FILES):
        at = root / folder
        if at.is_dir() and not at.is_symlink():
            for path in at.iterdir():
                name = path.name.removeprefix(".")
                whole = f".{folder}/{name}" if folder else f".{name}"
                if path.name.startswith(".") and aside.fullmatch(whole):
                    out.append(path)
    return out


def _write_aside(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = staged(path)
    waiting.unlink(missing_ok=True)
    try:
        with waiting.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        waiting.unlink(missing_ok=True)
        raise


def _parsed(data: bytes, path: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    for number, line in enumerate(data.decode("ascii", "replace").splitlines(), 1):
        found = re.fullmatch(rf"([0-9a-f]{{64}})  ({NAME.pattern})", line)
        if found is None or found[2] in files:
            raise InputError("expected a SHA-256, two spaces and the name of a file of a run", path, number)
        files[found[2]] = found[1]
    return files


def _advice(name: str) -> str:
    folder = name.partition("/")[0]
    if folder in WHAT and "/" in name:
        report = re.sub(r".*/(cycle_\d+)\..*", r"reports/\1.json", name)
        again = "it" if folder == "reports" else report
        return f"expected {WHAT[folder]}, unchanged since it was written; delete {again} to have the cycle done again"
    if name in DERIVED:
        return "expected this file of a run unchanged since it was written; delete it to have it made again"
    return "expected a run's settings, unchanged since they were written; put the file back, or take another folder"
