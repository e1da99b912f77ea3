"""What a measurement was made with: the machine in words, its load, and the source."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

from figures.result import Machine

# What a figure depends on. Pages, tests and this package are left out: a change there makes no figure old.
SOURCE: tuple[str, ...] = (
    "Cargo.toml",
    "Cargo.lock",
    "requirements.lock",
    "cli.py",
    "core",
    "metamath_db",
    "dsl",
    "compression",
)
SOURCE += ("wake_sleep", "src")


@dataclass(frozen=True)
class Source:
    """The source: its last commit, whether files differ from it, and a hash of the files as they are."""

    commit: str | None
    dirty: bool
    sha256: str


def source(root: Path) -> Source:
    """The source of a checkout. Without git all files count, and there is no commit."""
    listed = git(root, "ls-files", "-co", "--exclude-standard", "-z", "--", *SOURCE)
    if listed is None:
        paths = [path for name in SOURCE for path in sorted([root / name, *(root / name).rglob("*")])]
        names = sorted(str(path.relative_to(root)) for path in paths if path.is_file() and path.suffix != ".so")
    else:
        names = sorted(name for name in set(listed.split("\0")) if name and (root / name).exists())
    total = hashlib.sha256()
    for name in names:
        path = root / name
        if path.suffix == ".md" or "__pycache__" in path.parts:
            continue
        held = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
        total.update(f"{name}\0{hashlib.sha256(held).hexdigest()}\n".encode())
    commit = git(root, "log", "-1", "--format=%H", "--", *SOURCE)
    changed = git(root, "status", "--porcelain", "--", *SOURCE)
    return Source((commit or "").strip() or None, bool(changed), total.hexdigest())


def git(root: Path, *arguments: str) -> str | None:
    """Standard output of git, or `None` where it fails or is not there."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def machine() -> Machine:
    """This machine in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        rust = []
    return Machine(
        cpu=processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(memory / 2**30),
        system=f"{system()}, {platform.machine()}",
        python=platform.python_version(),
        rust=rust[1] if len(rust) > 1 else "not there",
    )


def processor() -> str:
    """The model of the processor, as the system says it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"


def system() -> str:
    """The operating system with its version."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def load() -> float:
    """The mean number of running processes over the last minute."""
    return round(os.getloadavg()[0], 2)
