"""Model files: safetensors with a schema version and a hash of the content. Other files are refused.

A file is mapped into memory: pages that are not accessed are not read, and processes share the others.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import stat
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from metadream.metamath_db.data import cache_folder
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed, publish
from metadream.wake_sleep.runs.shape import is_text

SCHEMA = "metadream-model-1"
ABOUT = "metadream"  # one entry of safetensors' metadata, as JSON: several stand in random order there
Arrays = dict[str, npt.NDArray[Any]]
DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "U32": np.dtype("<u4"),
}
MOST_HEADER = 100 << 20  # bytes


def digest(arrays: Arrays) -> str:
    """SHA-256 over names, shapes, types (but for floats) and values, in order of name."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        kind = "" if array.dtype == np.float32 else array.dtype.str
        total.update(f"{name}{array.shape}{kind}".encode())
        total.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return total.hexdigest()


def model_bytes(arrays: Arrays, about: dict[str, str]) -> tuple[bytes, str]:
    """`arrays` with remarks `about` them as a file, and their hash."""
    kept = set(DTYPES.values())
    whole = {
        name: np.ascontiguousarray(value, dtype=value.dtype if value.dtype in kept else np.float32)
        for name, value in arrays.items()
    }
    found = digest(whole)
    remarks = json.dumps({**about, "schema": SCHEMA, "sha256": found}, sort_keys=True)
    return save(whole, metadata={ABOUT: remarks}), found


def save_model(path: Path, arrays: Arrays, about: dict[str, str]) -> str:
    """Publish `arrays` with remarks `about` them; returns their hash."""
    data, found = model_bytes(arrays, about)
    publish(path, data)
    return found


def load_about(path: Path) -> dict[str, str]:
    """The remarks of a model file, its weights unread. Raises `InputError`."""
    check_regular(path)
    try:
        with safe_open(path, framework="numpy") as file:
            about: dict[str, str] = parsed((file.metadata() or {}).get(ABOUT, "{}").encode())
    except (SafetensorError, OSError, ValueError) as problem:
        raise refused(path, "this is damaged, or no safetensors file") from problem
    if not isinstance(about, dict) or about.get("schema") != SCHEMA or not all(map(is_text, about.values())):
        raise refused(path, "this was made by something else")
    return about


def load_model(path: Path, names: Collection[str] | None = None) -> tuple[Arrays, dict[str, str]]:
    """Weights and remarks, the hash compared; or only the arrays of these `names`, uncompared. The arrays cannot be
    written to. Raises `InputError`.
    """
    about = load_about(path)  # the library has looked at the whole header
    try:
        arrays = _mapped(path, names)
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise refused(path, "this is damaged") from problem
    if names is None and not all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f"):
        raise refused(path, "some of its weights are no numbers")
    if names is None and digest(arrays) != about.get("sha256"):
        raise refused(path, "its content does not match its hash")
    return arrays, about


def _mapped(path: Path, names: Collection[str] | None) -> Arrays:
    """Returns arrays that are views of the memory-mapped file."""
    with path.open("rb") as file:
        pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    length = int.from_bytes(pages[:8], "little")
    header = json.loads(pages[8 : 8 + min(length, MOST_HEADER)])
    arrays: Arrays = {}
    for name, place in header.items():
        if name == "__metadata__" or (names is not None and name not in names):
            continue
        dtype, (start, end) = DTYPES[place["dtype"]], place["data_offsets"]
        flat = np.frombuffer(pages, dtype=dtype, count=(end - start) // dtype.itemsize, offset=8 + length + start)
        arrays[name] = flat.reshape(place["shape"])
    return arrays


def check_regular(path: Path) -> None:
    """Raises `InputError` if `path` is no regular file, such as a pipe, on which a reader would wait."""
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        raise refused(path, "this is missing") from None
    except OSError as problem:
        raise refused(path, f"this cannot be read ({problem.strerror})") from None
    except ValueError:  # a NUL in its name
        raise refused(path, "this is no name of a file") from None
    if not regular:
        raise refused(path, "this is no regular file")


def refused(path: Path, why: str) -> InputError:
    """Returns the error for a file that is no valid model. It advises deletion only in the cache."""
    ours = path.parent == cache_folder().parent / "models"
    do = "delete it and run 'metadream train' again" if ours else "name a file that 'metadream train' wrote"
    return InputError(f"expected a model of schema {SCHEMA}, but {why}; {do}", path)
