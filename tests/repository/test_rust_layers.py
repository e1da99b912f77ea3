"""The layers of the Rust core: imports go one way, no circle of files or of folders, small folders.

A module and what lies below it count as one: a parent may use its children, and they what it shares with them. Tests
are left out, since they may look at anything.
"""

from __future__ import annotations

from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from rust_modules import leaves, modules, needs

LAYERS = ["util", "progress", "metamath_db", "threads", "dsl", "compression", "wake_sleep"]  # each uses those before it
MOST_FILES = 12


@pytest.fixture(scope="module")
def core() -> dict[str, set[str]]:
    """The modules of the core and what each needs."""
    return needs(modules(Path(__file__).resolve().parents[2] / "core" / "src"))


def test_imports_follow_the_data_flow(core: dict[str, set[str]]) -> None:
    def layer(module: str) -> int:
        return LAYERS.index(module.split("::")[0])

    wrong = [f"{a} uses {b}" for a, used in core.items() for b in sorted(used) if a and layer(b) > layer(a)]
    assert wrong == []
    assert len(core) > 200 and sum(map(len, core.values())) > 800  # the reader of paths sees them


def test_no_circle_of_files(core: dict[str, set[str]]) -> None:
    assert circle(core) is None


def test_no_circle_of_folders(core: dict[str, set[str]]) -> None:
    rooms = folders(core)
    assert circle(rooms) is None
    assert {"dsl::memory", "compression::lemmas", "wake_sleep::search"} <= set(rooms)


def folders(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The folders, or files beside them, of each layer, and which others of its layer each needs."""
    found: dict[str, set[str]] = {}
    for module, used in graph.items():
        layer, _, rest = module.partition("::")
        if rest:
            at = folder(module)
            found.setdefault(at, set()).update({folder(b) for b in used if b.startswith(f"{layer}::")} - {at})
    return found


def folder(module: str) -> str:
    """A module's layer and the folder in it."""
    return "::".join(module.split("::")[:2])


def circle(graph: dict[str, set[str]]) -> list[str] | None:
    """Modules of which each needs the next and the last the first, if there are such."""
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as found:
        return list(found.args[1])
    return None


@pytest.mark.parametrize("crate", ["core/src", "core/python/src", "core/tests"])
def test_no_folder_holds_more_than_a_page_of_files(root: Path, crate: str) -> None:
    folders = Counter(str(file.parent.relative_to(root)) for file in (root / crate).rglob("*.rs"))
    assert {folder: count for folder, count in folders.items() if count > MOST_FILES} == {}


SOURCE = {
    "lib.rs": "pub mod a;\npub mod b;\n",
    "a.rs": "mod below;\nuse crate::b::{self, c::{D, e as f}};\n#[cfg(test)]\nmod tests {\n    use crate::x::Y;\n}\n",
    "a/below.rs": "use super::Thing; // crate::comment::ignored\n",
    "b/mod.rs": "pub mod c;\nmod d;\nuse d::X;\n#[cfg(test)]\nmod looks;\n",
    "b/c.rs": "fn f() { super::d::g(); }\n",
    "b/d.rs": "fn g() { crate::a::below::h(); }\n",
    "b/looks.rs": "use crate::a::All;\n",
}


def test_the_reader_of_paths(tmp_path: Path) -> None:
    for name, text in SOURCE.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    read = needs(modules(tmp_path))
    assert read == {
        "": set(),
        "a": {"b", "b::c"},
        "a::below": set(),
        "b": set(),
        "b::c": {"b::d"},
        "b::d": {"a::below"},
    }
    assert circle(read) is None
    assert circle({**read, "a::below": {"b::c"}}) is not None
    made_up = {"a::b::c": {"a::d", "a::b::e", "f"}, "a::d::g": {"a::b::c"}}
    assert folders(made_up) == {"a::b": {"a::d"}, "a::d": {"a::b"}}
    assert list(leaves("x::{y, z::{u as v, w}}")) == ["x::y", "x::z::u", "x::z::w"]
