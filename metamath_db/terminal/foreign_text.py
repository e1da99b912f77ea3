"""Labels, comments and paths are foreign text: `plain` takes out what a terminal would obey. The bytes of a path that
are no UTF-8 are lone surrogates in Python; `unescaped` writes them as ``\\xff``, on a terminal and in files.
"""

from __future__ import annotations

import re

# C0 and C1 controls, DEL, line and paragraph separators, what reorders text, byte order mark
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
SURROGATES = re.compile("[\ud800-\udfff]")


def plain(text: str, *, keep_lines: bool = False) -> str:
    """`text` without control characters; each run of them becomes one space, line ends too unless kept."""
    if keep_lines:
        return "\n".join(plain(line) for line in text.split("\n"))
    return unescaped(_CONTROLS.sub(" ", text))


def unescaped(text: str) -> str:
    """`text` with lone surrogates, which no encoding has, as the bytes that they stand for: ``\\xff``."""

    def byte(found: re.Match[str]) -> str:
        number = ord(found[0]) - 0xDC00  # as os.fsdecode escapes bytes
        return f"\\x{number:02x}" if 0x80 <= number <= 0xFF else f"\\u{ord(found[0]):04x}"

    return SURROGATES.sub(byte, text)
