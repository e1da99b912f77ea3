"""The debugger: stands still between any two steps of a program and shows the workspace there.

It reads commands line by line, so that it works in a terminal and in a script. Going back runs the program again
from its beginning; the answers of handlers are kept, so no search is done twice. Price: a step back costs the steps
before it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from metadream.dsl.handlers import Answer, Fault, Handler, Request, Session, attach
from metadream.dsl.programs.program_file import Loaded
from metadream.dsl.programs.readable import cell_lines, content_text, ending_text, event_lines, link_text
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.foreign_text import plain

HELP = """\
step [N]          execute N instructions (1), into children too
next              execute one instruction; a SPAWN with its whole child
continue          go on until a breakpoint, a watched change or the end
break PLACE       stop before a line (12) or block (main), or after a write to a cell (1:0:3)
watch ADDRESS     stop when the content of a cell changes
delete            forget all breakpoints and watches
where             the next instruction
cell ADDRESS      one cell, with who wrote it and its links
show [RANGE]      written cells of a range (1:0:0*16), or all
goals             open goals
links [ADDRESS]   links from a cell, or all
diff A [B]        what changed between time A and time B (now)
back [N]          N instructions back (1)
trace [N]         the last N steps of the trace (10)
quit              leave
"""


class Replayed:
    """A machine whose handlers answer a repeated request from memory."""

    def __init__(self, machine: Any, memory: dict[tuple[int, str], Answer | Fault]) -> None:
        self.machine = machine
        self.memory = memory

    def register(self, opcode: str, handler: Handler, checker: Any = None) -> None:
        """As `Machine.register`."""

        def remembered(request: Request) -> Answer:
            key = (request["time"], opcode)
            if key not in self.memory:
                try:
                    self.memory[key] = handler(request)
                except Fault as fault:
                    self.memory[key] = fault
            answer = self.memory[key]
            if isinstance(answer, Fault):
                raise answer
            return answer

        self.machine.register(opcode, remembered, checker)


class Debugger:
    """A program, a machine on which it stands still, breakpoints and watches."""

    def __init__(
        self, loaded: Loaded, make: Callable[[], tuple[Any, Session]], budget: int, echo: bool = False
    ) -> None:
        self.loaded = loaded
        self.make = make
        self.budget = budget
        self.echo = echo
        self.memory: dict[tuple[int, str], Answer | Fault] = {}
        self.lines: set[int] = set()
        self.blocks: set[str] = set()
        self.written: set[str] = set()
        self.watched: set[str] = set()
        self.ended: dict[str, Any] | None = None
        self.instructions: list[str] = loaded.program.instructions()
        self.machine = self._at(0)

    def _at(self, time: int) -> Any:
        """A fresh machine that has executed `time` instructions."""
        machine, session = self.make()
        attach(Replayed(machine, self.memory), session)
        machine.begin(self.loaded.program, self.budget)
        self.ended = machine.advance(time)
        return machine

    def converse(self, source: TextIO, out: TextIO, prompt: str = "") -> None:
        """Take commands from `source` until it ends or one says quit."""
        self._say(out, self.where())
        while True:
            if prompt:
                out.write(prompt)
                out.flush()
            line = source.readline()
            if not line:
                return
            if self.echo and line.strip():
                self._say(out, f"(debug) {line.strip()}")
            if line.strip() in ("quit", "q"):
                return
            for said in self.command(line):
                self._say(out, said)

    def _say(self, out: TextIO, text: str) -> None:
        out.write(plain(text, keep_lines=True) + "\n")
        out.flush()

    def command(self, line: str) -> Iterator[str]:
        """Do what one line says; what there is to show."""
        name, *arguments = line.split() or [""]
        if not name or name.startswith("#"):
            return
        names = [c for c in self._commands() if c.startswith(name)]
        if name not in names and len(names) != 1:
            yield f"no command '{name}'; 'help' lists them"
            return
        try:
            yield from self._commands()[name if name in names else names[0]](arguments)
        except InputError as problem:
            yield str(problem)

    def _commands(self) -> dict[str, Callable[[list[str]], Iterator[str]]]:
        return {
            "step": self._step,
            "next": self._next,
            "continue": self._continue,
            "break": self._break,
            "watch": self._watch,
            "delete": self._delete,
            "where": lambda _: iter([self.where()]),
            "cell": self._cell,
            "show": self._show,
            "goals": self._goals,
            "links": self._links,
            "diff": self._diff,
            "back": self._back,
            "trace": self._trace,
            "help": lambda _: iter([HELP.rstrip()]),
        }

    def where(self) -> str:
        """Time, place and next instruction; or how the run ended."""
        time = self.machine.time()
        if self.ended is not None:
            fault = self.ended["fault"]
            place = self.loaded.place(fault["instruction"]) if fault else ""
            return f"time {time}: {ending_text(self.ended, place)}"
        block, index, depth = self.machine.position()
        deep = f", depth {depth}" if depth else ""
        return f"time {time}: {self.loaded.place(index)}, block {block}{deep}: {self.instructions[index]}"

    def _number(self, arguments: list[str], otherwise: int) -> int:
        if not arguments:
            return otherwise
        if not arguments[0].isascii() or not arguments[0].isdigit() or len(arguments[0]) > 18:
            raise InputError(f"expected a number, not '{arguments[0]}'")
        return int(arguments[0])

    def _advance(self, steps: int) -> Iterator[str]:
        """Execute `steps` instructions, or fewer if something stops the run; show what was executed."""
        for _ in range(steps):
            if self.ended is not None:
                break
            seen = self.machine.event_count()
            self.ended = self.machine.advance(1)
            for event in self.machine.events(seen):
                yield "\n".join(event_lines(json.loads(event)))
        yield self.where()

    def _step(self, arguments: list[str]) -> Iterator[str]:
        yield from self._advance(self._number(arguments, 1))

    def _next(self, _: list[str]) -> Iterator[str]:
        if self.ended is None:
            depth = self.machine.position()[2]
            self.ended = self.machine.advance(1)
            while self.ended is None and self.machine.position()[2] > depth:
                self.ended = self.machine.advance(1)
            for event in self.machine.events(max(0, self.machine.event_count() - 1)):
                yield "\n".join(event_lines(json.loads(event)))
        yield self.where()

    def _continue(self, _: list[str]) -> Iterator[str]:
        if not (self.lines or self.blocks or self.written or self.watched):
            if self.ended is None:
                self.ended = self.machine.advance(2**63)
            yield self.where()
            return
        before = self._stamps()
        while self.ended is None:
            self.ended = self.machine.advance(1)
            after = self._stamps()
            changed = [a for a in after if after[a] != before[a]]
            for address in changed:
                yield f"{address} = {content_text(self.machine.cell(address))}"
            before = after
            if changed or self._at_breakpoint():
                break
        yield self.where()

    def _stamps(self) -> dict[str, Any]:
        """For each cell at which a run stops: what must not change (for watches the content, else the whole cell)."""
        stamps: dict[str, Any] = {}
        for address in sorted(self.written | self.watched):
            cell = self.machine.cell(address)
            stamps[address] = cell if address in self.written else content_text(cell)
        return stamps

    def _at_breakpoint(self) -> bool:
        if self.ended is not None:
            return True
        block, index, _ = self.machine.position()
        first = next(first for name, first, _ in self.loaded.program.blocks() if name == block)
        line = self.loaded.lines[index] if self.loaded.lines else index
        return line in self.lines or (block in self.blocks and index == first)

    def _break(self, arguments: list[str]) -> Iterator[str]:
        place = arguments[0].removeprefix("%") if arguments else ""
        names = [name for name, _, _ in self.loaded.program.blocks()]
        if place in names:
            self.blocks.add(place)
            yield f"stops before block {place}"
        elif place.isascii() and place.isdigit():
            lines = self.loaded.lines or list(range(len(self.instructions)))
            if int(place) not in lines:
                what = "line" if self.loaded.lines else "instruction"
                raise InputError(f"no instruction stands at {what} {place}; 'where' shows where the program is")
            self.lines.add(int(place))
            yield f"stops before line {place}"
        elif ":" in place:
            self.machine.cell(place)
            self.written.add(place)
            yield f"stops after a write to {place}"
        else:
            raise InputError(f"break takes a line, an address, or a block ({', '.join(names)})")

    def _watch(self, arguments: list[str]) -> Iterator[str]:
        if not arguments:
            raise InputError("watch takes an address, such as 1:0:0")
        self.machine.cell(arguments[0])
        self.watched.add(arguments[0])
        yield f"stops when {arguments[0]} changes"

    def _delete(self, _: list[str]) -> Iterator[str]:
        self.lines.clear()
        self.blocks.clear()
        self.written.clear()
        self.watched.clear()
        yield "no breakpoints, no watches"

    def _cell(self, arguments: list[str]) -> Iterator[str]:
        if not arguments:
            raise InputError("cell takes an address, such as 1:0:0")
        cell = self.machine.cell(arguments[0])
        yield f"{arguments[0]}  {content_text(cell)}"
        if cell is not None:
            writer = cell["opcode"] or "the host"
            yield f"  written by {writer}, instruction {cell['instruction']}, time {cell['time']}"
            if cell["tag"] in ("term", "goal", "fact"):
                yield f"  term '{cell['value']}"
            for link in self.machine.links(arguments[0]):
                yield f"  link {link_text(link)}"

    def _show(self, arguments: list[str]) -> Iterator[str]:
        if arguments:
            first, _, length = arguments[0].partition("*")
            cells = self.machine.cells(first, self._number([length or "1"], 1), 1_000)
        else:
            cells = self.machine.cells(limit=1_000)
        yield "\n".join(cell_lines(cells)) if cells else "nothing is written there"
        if len(cells) == 1_000:
            yield "these are the first 1000 cells"

    def _goals(self, _: list[str]) -> Iterator[str]:
        cells = [c for c in self.machine.cells() if c["tag"] == "goal" and c["step"] is None]
        yield "\n".join(cell_lines(cells)) if cells else "no open goals"

    def _links(self, arguments: list[str]) -> Iterator[str]:
        places = arguments[:1] or [cell["address"] for cell in self.machine.cells()]
        links = [link for place in places for link in self.machine.links(place)]
        yield "\n".join(f"  {link_text(link)}" for link in links) if links else "no links"

    def _diff(self, arguments: list[str]) -> Iterator[str]:
        now = self.machine.time()
        if not arguments:
            raise InputError("diff takes a time, or two: diff 0 5")
        first, last = self._number(arguments, 0), self._number(arguments[1:], now)
        if first > last:
            raise InputError(f"time {first} is after time {last}; give the earlier one first")
        kept = self.ended
        machine = self._at(first)
        before = machine.snapshot()
        machine.advance(last - first)
        self.ended = kept
        found = machine.diff(before)
        for change in found["cells"]:
            if not change["address"].startswith("4194304:"):
                old = content_text(change["before"])
                yield f"  {change['address']}  {old}  ->  {content_text(change['after'])}"
        yield from (f"  + link {link_text(link)}" for link in found["linked"])
        yield from (f"  - link {link_text(link)}" for link in found["unlinked"])
        if not found["cells"] and not found["linked"] and not found["unlinked"]:
            yield f"nothing changed between time {first} and time {machine.time()}"

    def _back(self, arguments: list[str]) -> Iterator[str]:
        steps = self._number(arguments, 1)
        self.machine = self._at(max(0, self.machine.time() - steps))
        yield self.where()

    def _trace(self, arguments: list[str]) -> Iterator[str]:
        shown = self._number(arguments, 10)
        events = self.machine.events(max(0, self.machine.event_count() - shown))
        lines = [line for event in events for line in event_lines(json.loads(event))]
        yield "\n".join(lines) if lines else "nothing was executed yet"

    def summary(self) -> dict[str, Any]:
        """Where the debugger was left: `time`, and `ended` (None while the run goes on)."""
        return {"time": self.machine.time(), "ended": self.ended}
