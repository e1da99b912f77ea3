"""Handlers: the opcodes of Levels 1 and 2, and reads by embedding, are answered by code that declares itself here.

A module declares how its handler is made, `attach` makes all that are declared and registers them with a machine. So
the machine needs to import nothing that stands further down the line. What a handler is given and what it gives back
is in docs/isa.md, "Handlers"; the machine checks each answer before it commits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Request: TypeAlias = dict[str, Any]
Answer: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Request], Answer]
Checker: TypeAlias = Callable[[Request, Answer], None]
Step: TypeAlias = tuple[str, list[int], list[tuple[int, str]]]


class Fault(Exception):  # noqa: N818 (the word of docs/isa.md)
    """Raised by a handler to end its instruction in a fault of docs/isa.md. The workspace stays unchanged.

    A checker raises it (or any other exception) to refuse an answer.
    """

    def __init__(self, kind: str, claim: str, address: str | None = None) -> None:
        super().__init__(kind, claim, address)
        self.kind = kind
        self.claim = claim
        self.address = address

    def __str__(self) -> str:
        """The claim that failed."""
        return self.claim


@dataclass
class Session:
    """What handlers stand on: one for each machine, kept as long as it.

    `theory`: a theory of the core, None if the machine has no database. `label`: the
    theorem within whose task the machine runs, None for the database as a whole. `statement`: in place of a label, the
    task that a program carries (`hyps`, `conclusion`, `disjoint`, `before`). `searched`: the theory that searches go
    through, None: `theory`. `ranker`: gives what they go by, None: use counts. `made`: what handlers prepared once.
    """

    theory: Any = None
    label: str | None = None
    made: dict[str, Any] = field(default_factory=dict)
    statement: dict[str, Any] | None = None
    searched: Any = None
    ranker: Callable[[], Any] | None = None

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return the value of `make()`, computed at the first call with this `name` and kept for later calls."""
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]


Maker: TypeAlias = Callable[[Session], tuple[Handler, Checker | None]]
_makers: dict[str, Maker] = {}


def declare(opcode: str) -> Callable[[Maker], Maker]:
    """Decorate the function that makes an opcode's handler and its checker (None: no checker)."""

    def note(maker: Maker) -> Maker:
        _makers[opcode] = maker
        return maker

    return note


def declared() -> list[str]:
    """The opcodes whose modules were imported."""
    return sorted(_makers)


def attach(machine: Any, session: Session) -> None:
    """Register the handlers of all declared opcodes with `machine`."""
    for opcode in declared():
        handler, checker = _makers[opcode](session)
        machine.register(opcode, handler, checker)
