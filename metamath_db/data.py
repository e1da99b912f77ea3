"""Databases and the verifier by name: fetched once, kept in the user's cache folder, checked on each use.

``get("set")`` asks Debian (``apt-get download`` and ``dpkg -x`` in a temporary folder, no root needed), or a
file or URL that the caller names. Layout of the cache, ``$XDG_CACHE_HOME/metadream/data``::

    set.json                    {"schema": 1, "name", "file", "sha256", "bytes", "source"}
    4d93307bc81337a6/set.mm     the file, under the first 16 digits of its SHA-256

The file is in place before the manifest that names it is; both are written aside, synced and renamed, so a
crash leaves the old state or the new one. Whoever opens an entry gets its hash compared
first; a file that changed is refused. Nothing here is executed except apt-get and dpkg.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed, sync
from metadream.metamath_db.terminal.console import note
from metadream.metamath_db.terminal.foreign_text import plain

SCHEMA = 1
VERIFIER = "metamath"
STARTER = "starter"
MAX_BYTES = 1 << 30  # far above set.mm; what is larger is not a Metamath database
APT_TIMEOUT_S = 900
URL_TIMEOUT_S = 60

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class DebianFile:
    """Where Debian keeps a file, and what it was when we looked (bookworm, 2026-11)."""

    package: str
    version: str
    path: str
    sha256: str


def _mm(name: str, sha256: str) -> DebianFile:
    version = "0.0.0~20210101.git55fe226-2"
    return DebianFile("metamath-databases", version, f"usr/share/metamath/databases/{name}.mm", sha256)


DEBIAN: dict[str, DebianFile] = {
    "set": _mm("set", "4d93307bc81337a621031739acfffb4159175f94fb90e727f4a231401091e45b"),
    "iset": _mm("iset", "dc494d817dc1c0fe6874c0969ee79fdebd0967382cd7c42d3ba1da078d2d3bd8"),
    "nf": _mm("nf", "b6a8b5bd281315b8fbfcd3df9bcdaa394f42876cf0884fef0890e5ebf7fc632f"),
    "ql": _mm("ql", "bae1cf8e9d6d46ce404aee82e94e07f7bd715877da40d76345e71d11bfc16fcd"),
    "hol": _mm("hol", "c5161fad165aa84e05671ba3c6e92c779dd88567584b1275d717a494b4a0860e"),
    "peano": _mm("peano", "f7c5d8b86bd3e87e36fdb9c1e9ff22f897dc45a35887e97d5d76eee3c8f4a92b"),
    "miu": _mm("miu", "a812d36c6cfb095788c8a18b4088f85e854014fb4c77617772d87f9639bce3fd"),
    "demo0": _mm("demo0", "9338f8c4f5cf35233ea37fa45ded15d8af6a74b80fe9fffa41fa512da23dcccb"),
    "big-unifier": _mm("big-unifier", "cb533dce45ea81bba5051e401ff4aee724376737c095f6826960db8ef5711275"),
    VERIFIER: DebianFile(
        "metamath",
        "0.195-1",
        "usr/bin/metamath",
        "3d5cbf933bb105389b12f3e13d630ee657e86c9ad18710827984865ae35b01b1",
    ),
}


@dataclass(frozen=True)
class Entry:
    """One file of the cache, as its manifest describes it."""

    name: str
    path: Path
    sha256: str
    bytes: int
    source: str


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/metadream/data``; a relative XDG_CACHE_HOME is ignored, as its specification says."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    root = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return root / "metadream" / "data"


def base_name(name: str) -> str:
    """``set`` for ``set`` and ``set.mm``."""
    return name.removesuffix(".mm")


def get(name: str, source: str | None = None, sha256: str | None = None) -> Entry:
    """Fetch `name` into the cache, unless it is there and unharmed, and return its entry.

    `source` is a file or an http(s) URL; without it Debian's package is asked. `sha256` is required for a
    URL and checked wherever it is given. Raises `InputError`.
    """
    name = _checked_name(name)
    wanted = _checked_sha256(sha256)
    kept = _kept(name, source, wanted)
    if kept is not None:
        return kept
    with tempfile.TemporaryDirectory(prefix="metadream-data-") as folder:
        if source is None:
            fetched, origin = _from_debian(name, Path(folder))
        elif re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
            fetched, origin = _from_url(source, wanted, Path(folder)), source
        else:
            fetched, origin = _from_file(source), str(Path(source).absolute())
        return _store(name, fetched, origin, wanted)


def entries() -> list[Entry]:
    """The cache's entries by name, as their manifests say; `entry` compares the hash as well."""
    found = []
    for manifest in sorted(cache_folder().glob("*.json")):
        known = _read_manifest(manifest)
        if known is not None:
            found.append(known)
    return found


def entry(name: str) -> Entry | None:
    """The cached entry of that name with its hash compared, or None. Raises `InputError` if it changed."""
    known = _read_manifest(cache_folder() / f"{base_name(name)}.json")
    if known is None:
        return None
    again = f"run 'metadream data get {known.name}' to fetch it again"
    try:
        found = sha256_of(known.path)
    except OSError:
        raise InputError(f"expected the cached copy of {known.name} here; {again}", known.path) from None
    if found != known.sha256:
        raise InputError(
            f"changed on disk since it was fetched (SHA-256 {found[:16]}..., expected {known.sha256[:16]}...); {again}",
            known.path,
        )
    return known


def resolve_database(name_or_path: str | os.PathLike[str]) -> Path:
    """The file that ``--database`` means: an existing file wins, else ``starter``, else the cache.

    ``set`` and ``set.mm`` are the same name. Raises `InputError` with what to do.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    if path.exists() and not path.is_dir():
        raise InputError("no regular file; name a Metamath database (.mm)", path)
    text = os.fspath(name_or_path)
    name = base_name(text)
    if name == STARTER:
        return Path(__file__).with_name("starter.mm")
    if path.is_dir() and (os.sep in text or name not in DEBIAN):
        raise InputError("expected a .mm file, this is a folder; name the file in it", path)
    if _NAME.fullmatch(name) and name != VERIFIER:
        known = entry(name)
        if known is not None:
            return known.path
        if name in DEBIAN:
            raise InputError(f"expected the database {name}, which is not fetched yet; run 'metadream data get {name}'")
    names = ", ".join([STARTER, *(n for n in DEBIAN if n != VERIFIER)])
    raise InputError(f"no such file; name an existing .mm file or one of {names}", path)


def is_known(database: str | os.PathLike[str]) -> bool:
    """Whether a database is one of those with a name (`STARTER`, `DEBIAN`), byte for byte, wherever the file is; or no
    file at all.
    """
    path = Path(database)
    kept: list[Entry] = []
    with suppress(InputError):
        kept = [known for known in entries() if known.name in DEBIAN]
    if not path.is_file() or any(path == known.path for known in kept):
        return True
    hashes = [*(file.sha256 for file in DEBIAN.values()), *(known.sha256 for known in kept)]
    return sha256_of(path) in [sha256_of(Path(__file__).with_name("starter.mm")), *hashes]


def find_metamath_exe() -> Path | None:
    """The verifier metamath-exe: from the cache (hash compared), else from PATH, else None."""
    known = entry(VERIFIER)
    if known is not None:
        return known.path
    found = shutil.which(VERIFIER)
    return Path(found) if found else None


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked_name(text: str) -> str:
    name = base_name(text)
    if not _NAME.fullmatch(name) or name == STARTER:
        raise InputError(f"'{text}' is no name for a database; expected one of {', '.join(DEBIAN)}, or your own")
    return name


def _checked_sha256(text: str | None) -> str | None:
    if text is None:
        return None
    digits = text.strip().lower()
    if not _SHA256.fullmatch(digits):
        raise InputError("--sha256 takes the file's SHA-256, 64 hexadecimal digits; see sha256sum")
    return digits


def _kept(name: str, source: str | None, wanted: str | None) -> Entry | None:
    """The cached entry, if it is what is asked for; a harmed one counts as absent here."""
    try:
        known = entry(name)
    except InputError:
        return None
    if known is None or (wanted is not None and known.sha256 != wanted):
        return None
    return known if source is None or wanted is not None else None


def _from_file(source: str) -> Path:
    path = Path(source)
    if not path.is_file():
        raise InputError("no such file; --from takes an existing file or an http(s) URL", path)
    if not os.access(path, os.R_OK):
        raise InputError("this file may not be read; change its permissions", path)
    return path


def _from_url(url: str, wanted: str | None, folder: Path) -> Path:
    import urllib.error  # slow to load, and nothing else needs it
    import urllib.request

    if not url.lower().startswith(("https://", "http://")):
        raise InputError(f"'{url}': --from takes an http or https URL, or a file")
    if wanted is None:
        raise InputError("--from URL needs --sha256 too, so that the answer can be trusted; give the file's SHA-256")
    note(f"downloading {url}")
    path = folder / "download"
    try:
        with urllib.request.urlopen(url, timeout=URL_TIMEOUT_S) as answer, path.open("xb") as file:
            _copy_bounded(answer, file, url)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise InputError(f"{url}: could not be fetched ({_one_line(str(error))}); check the address") from None
    return path


def _copy_bounded(source: IO[bytes], target: IO[bytes], what: str) -> None:
    left = MAX_BYTES
    while block := source.read(1 << 20):
        left -= len(block)
        if left < 0:
            raise InputError(f"{what}: larger than {MAX_BYTES >> 20} MiB; expected a Metamath database")
        target.write(block)


def _from_debian(name: str, folder: Path) -> tuple[Path, str]:
    """The named file out of Debian's package, and where it came from, in words."""
    known = DEBIAN.get(name)
    if known is None:
        raise InputError(f"Debian has no '{name}'; expected one of {', '.join(DEBIAN)}, or --from FILE")
    note(f"downloading Debian's package {known.package}")
    _command(["apt-get", "download", known.package], folder, known.package)
    packages = sorted(folder.glob("*.deb"))
    if len(packages) != 1:
        raise InputError(f"apt-get left {len(packages)} packages, expected one; use --from FILE")
    _command(["dpkg", "-x", packages[0].name, "root"], folder, known.package)
    path = folder / "root" / known.path
    if path.is_symlink() or not path.is_file():
        raise InputError(f"Debian's {known.package} holds no file {known.path} any more; use --from FILE")
    _, version, *_ = [*packages[0].stem.split("_"), "?"]
    return path, f"Debian {known.package} {version.replace('%3a', ':')}"


def _command(command: list[str], folder: Path, package: str) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=APT_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        raise InputError(f"{command[0]} is not here (no Debian or Ubuntu?); use --from FILE or URL") from None
    except subprocess.TimeoutExpired:
        raise InputError(f"{command[0]} took more than {APT_TIMEOUT_S} s; check the network, or --from FILE") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace")
        lines = [line for line in said.splitlines() if line.startswith("E:")] or said.splitlines()[-1:]
        reason = _one_line(lines[0] if lines else f"status {done.returncode}")
        if "Unable to locate" in said or "Can't select" in said:
            raise InputError(f"apt does not know {package}; run 'sudo apt-get update' first, or use --from FILE")
        raise InputError(f"{command[0]} failed ({reason}); check the network, or use --from FILE or URL")


def _one_line(text: str) -> str:
    return plain(text).strip()[:200]


def _store(name: str, fetched: Path, origin: str, wanted: str | None) -> Entry:
    """Copy `fetched` into the cache, then publish the manifest that names it."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _new_file(folder, name, executable=name == VERIFIER) as (aside, file):
            with fetched.open("rb") as source:
                _copy_bounded(source, file, origin)
            file.flush()
            found = sha256_of(aside)
            if wanted is not None and found != wanted:
                raise InputError(f"{origin} has SHA-256 {found}, expected {wanted}; nothing was kept")
            kept = Entry(name, folder / _place(name, found), found, aside.stat().st_size, origin)
            _publish(aside, kept.path)
        _write_manifest(kept)
    except OSError as error:
        raise InputError(f"could not write to the cache ({error.strerror}); set XDG_CACHE_HOME", folder) from None
    _remark(name, origin, found)
    return kept


def _place(name: str, sha256: str) -> str:
    """Where the cache keeps a file, relative to its folder."""
    return f"{sha256[:16]}/{VERIFIER if name == VERIFIER else name + '.mm'}"


def _remark(name: str, origin: str, found: str) -> None:
    known = DEBIAN.get(name)
    if known is not None and found != known.sha256:
        note(f"note: {name} from {origin} has SHA-256 {found}; Debian's {known.version} has {known.sha256}")


@contextmanager
def _new_file(folder: Path, name: str, executable: bool = False) -> Iterator[tuple[Path, IO[bytes]]]:
    """A file aside in `folder`, readable by all, synced when the block ends; it is gone if not renamed."""
    number, text = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
    aside = Path(text)
    try:
        with os.fdopen(number, "wb") as file:
            os.fchmod(number, 0o755 if executable else 0o644)
            yield aside, file
            file.flush()
    finally:
        aside.unlink(missing_ok=True)


def _publish(aside: Path, target: Path) -> None:
    """Sync `aside`, rename it to `target`, sync the folder."""
    target.parent.mkdir(exist_ok=True)
    sync(aside)
    aside.replace(target)
    sync(target.parent)


def _write_manifest(kept: Entry) -> None:
    folder = cache_folder()
    try:
        before = _read_manifest(folder / f"{kept.name}.json")
    except InputError:
        before = None
    data = {
        "schema": SCHEMA,
        "name": kept.name,
        "file": _place(kept.name, kept.sha256),
        "sha256": kept.sha256,
        "bytes": kept.bytes,
        "source": kept.source,
    }
    with _new_file(folder, f"{kept.name}.json") as (aside, file):
        file.write((json.dumps(data) + "\n").encode())
        file.flush()
        _publish(aside, folder / f"{kept.name}.json")
    if before is not None and before.path != kept.path:  # no manifest names the old file any more
        before.path.unlink(missing_ok=True)
        with suppress(OSError):  # another name may share the folder
            before.path.parent.rmdir()


def _read_manifest(path: Path) -> Entry | None:
    """The entry, or None where there is none. A manifest that is not ours is refused, never guessed at."""
    try:
        data = parsed(path.read_bytes())
        name, file, sha256, size, source = (data[k] for k in ("name", "file", "sha256", "bytes", "source"))
        good = (
            data["schema"] == SCHEMA
            and name == path.stem
            and _SHA256.fullmatch(sha256) is not None
            and file == _place(name, sha256)
            and isinstance(size, int)
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        good = False
    if not good:
        raise InputError(f"expected a manifest of schema {SCHEMA}; delete it and run 'metadream data get'", path)
    return Entry(name, path.parent / file, sha256, size, source)
