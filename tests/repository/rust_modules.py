"""Which file of a Rust crate uses which: read from its ``use`` declarations and its paths, without a compiler."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

USE = re.compile(r"^[ \t]*(?:pub(?:\([^)]*\))? )?use ([^;]+);", re.M)
PATH = re.compile(r"(?<![\w:])((?:crate|super|self)(?:::\w+)+)")
TEST_MODULE = re.compile(r"^#\[cfg\(test\)\]\n(?:pub(?:\([^)]*\))? )?mod \w+ \{\n.*?^\}\n", re.M | re.S)
TEST_FILE = re.compile(r"^#\[cfg\(test\)\]\n(?:#\[[^\]]*\]\n)*(?:pub(?:\([^)]*\))? )?mod (\w+);", re.M)
COMMENT = re.compile(r"//[^\n]*")


def modules(source: Path) -> dict[str, str]:
    """Name (``dsl::programs::asm``; the root is ``""``) and text of each module of a crate, tests left out."""
    texts = {name_of(file.relative_to(source)): file.read_text() for file in sorted(source.rglob("*.rs"))}
    tests = {join(name, test) for name, text in texts.items() for test in TEST_FILE.findall(text)}
    kept = {name: text for name, text in texts.items() if not any(within(name, test) for test in tests)}
    return {name: COMMENT.sub("", TEST_MODULE.sub("", text)) for name, text in kept.items()}


def name_of(file: Path) -> str:
    """The module of a file, by its path below the crate's source."""
    parts = file.with_suffix("").parts
    return "::".join(parts[:-1] if parts[-1] in ("mod", "lib") else parts)


def join(module: str, name: str) -> str:
    """The child `name` of a module."""
    return f"{module}::{name}" if module else name


def within(module: str, ancestor: str) -> bool:
    """Whether a module is another one or lies in it."""
    return module == ancestor or module.startswith(f"{ancestor}::") or not ancestor


def leaves(tree: str) -> Iterator[str]:
    """The paths of a use tree: ``a::{b, c::d}`` gives ``a::b`` and ``a::c::d``."""
    head, brace, body = tree.partition("{")
    if not brace:
        yield re.sub(r"\s+as\s+\w+|\s", "", tree)
        return
    depth, item = 0, ""
    for letter in body[: body.rindex("}")] + ",":
        depth += (letter == "{") - (letter == "}")
        if letter == "," and not depth:
            if item.strip():
                yield from leaves(head.strip() + item.strip())
            item = ""
        else:
            item += letter


def needs(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """The modules that each module uses. A module and what lies in it count as one: neither needs the other."""
    found: dict[str, set[str]] = {}
    for module, text in texts.items():
        paths = [path for tree in USE.findall(text) for path in leaves(tree)] + PATH.findall(text)
        targets = {resolved(path, module, texts) for path in paths}
        found[module] = {each for each in targets if each and not within(each, module) and not within(module, each)}
    return found


def resolved(path: str, module: str, known: Iterable[str]) -> str | None:
    """The module that a path leads into; None for what is not of this crate."""
    parts, base = path.split("::"), module.split("::") if module else []
    if parts[0] == "crate":
        parts, base = parts[1:], []
    elif parts[0] in ("self", "super"):
        while parts and parts[0] in ("self", "super"):
            base = base[:-1] if parts[0] == "super" else base
            parts = parts[1:]
    elif join(module, parts[0]) not in known:
        return None
    every = [*base, *parts]
    for length in range(len(every), 0, -1):
        if "::".join(every[:length]) in known:
            return "::".join(every[:length])
    return None
