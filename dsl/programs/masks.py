"""What heads may do, as people write it: page ranges and mask files (docs/workspace.md, "Masks")."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from metadream import _core
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.files import read_json

Mask = dict[str, list[str]]
"""Page texts (``3``, ``1-4``) by right: read, write, link. A right that is absent holds on all pages."""


@dataclass(frozen=True)
class Limits:
    """What a run is held to. `masks`: one a head, None allows everything; no list: none has a mask.

    `pages`: how many pages the workspace may hold, None: as many as there are.
    """

    masks: list[Mask | None] = field(default_factory=list)
    pages: int | None = None


def mask_of(**ranges: str | None) -> Mask:
    """A mask from texts such as ``1-4,7`` by right; the empty text is no page, None sets no limit."""
    given = ((right, text.strip()) for right, text in ranges.items() if text is not None)
    return {right: [part.strip() for part in text.split(",")] if text else [] for right, text in given}


def load_masks(path: Path) -> list[Mask | None]:
    """The masks of a JSON file: a list with an object (or null) for each head.

    Raises `InputError` with file and number of the head.
    """
    masks = read_json(path, "a JSON list with one mask a head")
    if not isinstance(masks, list):
        raise InputError("expected a JSON list with one mask a head", path)
    trial = _core.Machine()
    for head, mask in enumerate(masks):
        if mask is not None and not isinstance(mask, dict):
            raise InputError(f"head {head}: expected an object with read, write and link, or null", path)
        try:
            trial.set_mask(mask)
        except InputError as problem:
            raise InputError(f"head {head}: {problem.message}", path) from None
    return masks
