"""Weights on disk: safetensors with a schema version and a hash of the content; foreign files are refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import parsed, publish
from metadream.wake_sleep.shape import is_text

SCHEMA = "metadream-model-1"
ABOUT = "metadream"  # one entry of safetensors' metadata, as JSON: several stand in random order there
Arrays = dict[str, npt.NDArray[np.float32]]


def digest(arrays: Arrays) -> str:
    """SHA-256 over names, shapes and values, in order of name."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        total.update(f"{name}{arrays[name].shape}".encode())
        total.update(np.asarray(arrays[name], dtype="<f4", order="C").tobytes())
    return total.hexdigest()


def model_bytes(arrays: Arrays, about: dict[str, str]) -> tuple[bytes, str]:
    """`arrays` with remarks `about` them as a file, and their hash."""
    found = digest(arrays)
    whole = {name: np.asarray(value, dtype=np.float32, order="C") for name, value in arrays.items()}
    remarks = json.dumps({**about, "schema": SCHEMA, "sha256": found}, sort_keys=True)
    return save(whole, metadata={ABOUT: remarks}), found


def save_model(path: Path, arrays: Arrays, about: dict[str, str]) -> str:
    """Publish `arrays` with remarks `about` them; returns their hash."""
    data, found = model_bytes(arrays, about)
    publish(path, data)
    return found


def load_about(path: Path) -> dict[str, str]:
    """The remarks of a model file, its weights unread. Raises `InputError`."""
    try:
        with safe_open(path, framework="numpy") as file:
            about: dict[str, str] = parsed((file.metadata() or {}).get(ABOUT, "{}").encode())
    except (SafetensorError, OSError, ValueError) as problem:
        raise _refused(path, "it is damaged, or no safetensors file" if path.exists() else "it is missing") from problem
    if not isinstance(about, dict) or about.get("schema") != SCHEMA or not all(map(is_text, about.values())):
        raise _refused(path, "it was made by something else")
    return about


def load_model(path: Path) -> tuple[Arrays, dict[str, str]]:
    """Weights and remarks, the hash compared. Raises `InputError`."""
    about = load_about(path)
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError, TypeError) as problem:
        raise _refused(path, "it is damaged") from problem
    if any(value.dtype != np.float32 for value in arrays.values()) or digest(arrays) != about.get("sha256"):
        raise _refused(path, "its content does not match its hash")
    return arrays, about


def _refused(path: Path, why: str) -> InputError:
    again = "delete it and run 'metadream train' (for a run's model: 'metadream learn') again"
    return InputError(f"expected a model of schema {SCHEMA}, but {why}; {again}", path)
