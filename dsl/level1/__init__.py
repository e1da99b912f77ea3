"""Level-1 opcodes seen from Python: reference programs, forms on networkx, sympy and z3, checkers of certificates.

| module | holds |
|---|---|
| ``*.asm`` | each opcode by Level-0 opcodes alone; the head of a file says where it reads and writes |
| `forms` | the same answers from well-known libraries |
| `certificates` | checkers; no code of a solver is used |

The machine's own forms are in Rust (``core/src/dsl/builtins``); `docs/isa.md`, "Level 1", specifies all of them.
"""

from __future__ import annotations

from importlib.resources import files

#: File of each opcode's reference program; GAUSSJ and GAUSSELIM share one.
PROGRAMS = {
    "DEDUP": "dedup.asm",
    "TOPOSORT": "toposort.asm",
    "BFS": "bfs.asm",
    "DFS": "dfs.asm",
    "DIJKSTRA": "dijkstra.asm",
    "GAUSSJ": "gauss.asm",
    "GAUSSELIM": "gauss.asm",
    "SATCHECK": "satcheck.asm",
}


def reference(opcode: str) -> str:
    """The assembly text of a Level-1 opcode's reference program. Raises `KeyError` for other opcodes."""
    return files(__package__).joinpath("programs", PROGRAMS[opcode]).read_text(encoding="utf-8")
