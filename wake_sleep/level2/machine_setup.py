"""The machine that a program runs on: its database, its composites by name, its task, and the ranker of Level 2.

These come from the command (``--database``, ``--run``, ``--model``, ``--for``) and from the program itself
(docs/isa.md, "Directives"). If they contradict each other, `InputError` is raised before anything runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import metadream.dsl.soft.nearest  # noqa: F401 (declares READK.near)
import metadream.wake_sleep.level2 as level_two
from metadream import _core
from metadream.dsl.handlers import Session
from metadream.dsl.programs.directives import Carried, Pinned, entries_of, library_of
from metadream.dsl.programs.program_file import Loaded
from metadream.dsl.proofs import Goal, goal_text
from metadream.metamath_db.core import load_theory, patiently
from metadream.metamath_db.data import STARTER, resolve_database, sha256_of
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.near import near


@dataclass(frozen=True)
class MachineRequest:
    """The options of a command that determine the machine. `label`: the value of ``--for``."""

    database: str | None = None
    run: Path | None = None
    model: Path | None = None
    label: str | None = None


@dataclass
class Known:
    """A database with composites, and the ranker of its searches. Without run and model the ranker counts uses."""

    name: str  # of the database
    theory: Any  # with all composites
    searched: Any = None  # with those that searches use; None: the same
    ranker: Callable[[], Any] | None = None
    composites: dict[str, Pinned] = field(default_factory=dict)


@dataclass(frozen=True)
class Setup:
    """The parts from which a machine is made."""

    known: Known
    session: Session
    target: Goal | None  # of the task
    carried: Carried

    def machine(self) -> tuple[Any, Session]:
        """Returns a new machine and its session."""
        return _core.Machine(self.known.theory, None if self.target is None else goal_text(self.target)), self.session

    def load(self, machine: Any) -> None:
        """Load the goal of the program's directives, if it has one, after the machine's log has begun."""
        if self.carried.goal is not None:
            machine.load_goal(self.carried.goal[0])

    def loaded_machine(self) -> tuple[Any, Session]:
        """Returns a new machine that is ready to run, and its session."""
        machine, session = self.machine()
        self.load(machine)
        return machine, session


def known(asked: MachineRequest, carried: Carried = Carried()) -> Known:  # noqa: B008 (it is frozen)
    """Returns the database and the library that a command and a program name. Raises `InputError`."""
    if asked.run is not None and asked.model is not None:
        raise InputError("a run has a model of its own; give --run or --model")
    name = asked.database or (carried.database[0] if carried.database else STARTER)
    if asked.run is not None:
        from metadream.wake_sleep.prove.from_run import from_run

        theory, source = from_run(asked.run, asked.database)
        found = Known(source.name, theory, source.theory, lambda: source.ranker)
    elif asked.model is not None:
        from metadream.wake_sleep.model.prover import open_source

        opened = open_source(name, asked.model)
        found = Known(name, opened.theory, None, lambda: opened.ranker)
    else:
        found = Known(name, load_theory(resolve_database(name)))
    if carried.database is not None and sha256_of(resolve_database(found.name)) != carried.database[1]:
        raise InputError(f"the program was made for {carried.database[0]}, and {found.name} is not that file")
    if asked.run is not None:
        found.composites = entries_of(found.theory.library_json())
    _add_carried(found, carried)
    return found


def _add_carried(found: Known, carried: Carried) -> None:
    """Compare the composites that a program pins with the library, or make them the library."""
    if not carried.composites:
        return
    if not found.composites and all(one.entry is not None for one in carried.composites):
        library = library_of(carried.composites, found.theory.library_json())
        patiently(lambda: found.theory.load_library(library))
        found.composites = entries_of(found.theory.library_json())
    for one in carried.composites:
        mine = found.composites.get(one.name)
        if mine is None:
            hint = "; name the run that has it: --run" if not found.composites else ""
            raise InputError(f"the program names the composite {one.name}, which the library does not have{hint}")
        if mine.sha256 != one.sha256:
            raise InputError(f"the program was made with another {one.name} than the library's (SHA-256 differs)")


def check_calls(loaded: Loaded, found: Known) -> None:
    """Raises `InputError` with file and line for a CALL of a name that is no composite's."""
    for index, name in loaded.program.calls():
        if name in found.composites:
            continue
        line = loaded.lines[index] if loaded.lines else None
        if not found.composites:
            said = "there is no library; name a run that has it: --run"
        else:
            alike = near(name, list(found.composites))
            hint = f"did you mean {' or '.join(alike)}?" if alike else "none is called alike"
            said = f"{hint} The library has {len(found.composites)}"
        raise InputError(f"no composite is called '{name}'; {said}", loaded.path, line)


def bound(loaded: Loaded, asked: MachineRequest) -> Any:
    """The program with a ``.composite`` line for each composite that it names, and none yet. Raises `InputError`."""
    carried = Carried.of(loaded.program)
    found = known(asked, carried)
    check_calls(loaded, found)
    pinned = {one.name for one in carried.composites}
    names = [name for name in loaded.program.labels() if name in found.composites and name not in pinned]
    return loaded.program.with_directives([found.composites[name].directive(whole=False) for name in names])


def setup(loaded: Sequence[Loaded], asked: MachineRequest) -> Setup:
    """Returns the parts of the machine for these programs. The database is loaded once. Raises `InputError`."""
    assert level_two.__all__, "importing the package declares the handlers"
    carried = _agreed(loaded)
    try:
        found = known(asked, carried)
        target = _target(found, asked, carried)
    except InputError as problem:
        if problem.file is None and loaded[0].program.directives():
            raise InputError(problem.message, loaded[0].path) from None
        raise
    for one in loaded:
        check_calls(one, found)
    label = target if isinstance(target, str) else None
    said = carried.statement()
    own = None if said is None else said.data
    session = Session(found.theory, label, statement=own, searched=found.searched, ranker=found.ranker)
    return Setup(found, session, target, carried)


def _agreed(loaded: Sequence[Loaded]) -> Carried:
    """Returns the merged directives of the programs.

    Raises `InputError` if the directives contradict each other, or if one of several programs carries a goal.
    """
    all_of_them = [Carried.of(one.program) for one in loaded]
    if len(loaded) == 1:
        return all_of_them[0]
    pinned: dict[str, Pinned] = {}
    databases = set()
    for one, carried in zip(loaded, all_of_them, strict=True):
        if carried.goal is not None:
            raise InputError("a program that carries its goal runs alone, not among other heads", one.path)
        databases |= {carried.database} - {None}
        for composite in carried.composites:
            if pinned.setdefault(composite.name, composite).sha256 != composite.sha256:
                raise InputError(f"two programs were made with different composites {composite.name}", one.path)
    if len(databases) > 1:
        raise InputError("the programs were made for different databases", loaded[0].path)
    return replace(all_of_them[0], database=next(iter(databases), None), composites=tuple(pinned.values()))


def _target(found: Known, asked: MachineRequest, carried: Carried) -> Goal | None:
    """Returns the task of ``--for`` or of the program; None if there is none.

    Raises `InputError` if the task is not in the database, or if its statement differs from the program's goal.
    """
    statement = carried.statement()
    label = asked.label or carried.theorem
    if asked.label is not None and carried.goal is not None and asked.label != carried.theorem:
        raise InputError(f"the program carries a task of its own; leave '--for {asked.label}' out")
    if label is not None and label not in set(found.theory.theorems()):
        raise InputError(f"'{label}' is no theorem of {found.name}; --for takes the label of a theorem")
    if statement is not None:
        text = statement.to_json()
        patiently(lambda: found.theory.check_target(text))
        return statement
    if carried.goal is not None and label is not None:
        says = found.theory.statement(label)["conclusion"]
        if says != carried.goal[1]:
            raise InputError(f"the program proves '{carried.goal[1]}', but {label} says '{says}'")
    return label
