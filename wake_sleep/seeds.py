"""One seed for a run; every phase and task derives its own from it, so that nothing depends on order or on workers."""

from __future__ import annotations

import hashlib


def derive(seed: int, *parts: str | int) -> int:
    """A seed of 63 bits for what `parts` name: ``derive(seed, "cycle", 3, "dream")``."""
    text = "/".join([str(seed), *map(str, parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
