"""Metadream: a neuro-symbolic library learner for Metamath.

>>> import metadream as md
>>> db = md.load("starter")
>>> answer = db.prove("|- ( ph -> ph )", expansions=500)
>>> answer.proved
True

docs/api.md shows what else there is. The names are looked up when they are first asked for (PEP 562): importing this
module imports nothing heavy.

Programs of opcodes are proofs. The loop proves tasks (wake), names what recurs (sleep 1: compression) and
trains its recognition model on what it found and dreamt (sleep 2). The data flows one way:
``metamath_db -> dsl -> compression -> wake_sleep -> cli``; ARCHITECTURE.md walks through the folders.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metadream.compression.bench import Savings as Savings
    from metadream.compression.maintain.propose import Proposed as Proposed
    from metadream.compression.maintain.shorten import Shortened as Shortened
    from metadream.compression.stitch.compress import Compressed as Compressed
    from metadream.dsl.library import Composite as Composite
    from metadream.dsl.programs.program_file import Assembled as Assembled
    from metadream.dsl.proofs import Proof as Proof
    from metadream.dsl.proofs import Step as Step
    from metadream.metamath_db.errors import InputError as InputError
    from metadream.metamath_db.judges.check import Verdict as Verdict
    from metadream.wake_sleep.api.calls import audit as audit
    from metadream.wake_sleep.api.calls import check as check
    from metadream.wake_sleep.api.calls import compress as compress
    from metadream.wake_sleep.api.calls import learn as learn
    from metadream.wake_sleep.api.calls import open_run as open_run
    from metadream.wake_sleep.api.calls import report as report
    from metadream.wake_sleep.api.calls import tasks as tasks
    from metadream.wake_sleep.api.calls import train as train
    from metadream.wake_sleep.api.database import Assertion as Assertion
    from metadream.wake_sleep.api.database import Database as Database
    from metadream.wake_sleep.api.database import load as load
    from metadream.wake_sleep.api.database import prove as prove
    from metadream.wake_sleep.api.programs import assemble as assemble
    from metadream.wake_sleep.api.programs import run as run
    from metadream.wake_sleep.environment.environment import Environment as Environment
    from metadream.wake_sleep.environment.environment import Judged as Judged
    from metadream.wake_sleep.environment.environment import Sequent as Sequent
    from metadream.wake_sleep.environment.environment import State as State
    from metadream.wake_sleep.level2.execute import Ran as Ran
    from metadream.wake_sleep.model.prover import Model as Model
    from metadream.wake_sleep.prove.answer import Answer as Answer
    from metadream.wake_sleep.report.learned import Learned as Learned
    from metadream.wake_sleep.report.show import Listed as Listed
    from metadream.wake_sleep.report.show import Shown as Shown
    from metadream.wake_sleep.runs.audit import Audit as Audit

    __version__: str

_NAMES = {  # module, under metadream -> the names that it gives
    "compression.bench": ("Savings",),
    "compression.maintain.propose": ("Proposed",),
    "compression.maintain.shorten": ("Shortened",),
    "compression.stitch.compress": ("Compressed",),
    "dsl.library": ("Composite",),
    "dsl.programs.program_file": ("Assembled",),
    "dsl.proofs": ("Proof", "Step"),
    "metamath_db.errors": ("InputError",),
    "metamath_db.judges.check": ("Verdict",),
    "wake_sleep.api.calls": ("audit", "check", "compress", "learn", "open_run", "report", "tasks", "train"),
    "wake_sleep.api.database": ("Assertion", "Database", "load", "prove"),
    "wake_sleep.api.programs": ("assemble", "run"),
    "wake_sleep.environment.environment": ("Environment", "Judged", "Sequent", "State"),
    "wake_sleep.level2.execute": ("Ran",),
    "wake_sleep.model.prover": ("Model",),
    "wake_sleep.prove.answer": ("Answer",),
    "wake_sleep.report.learned": ("Learned",),
    "wake_sleep.report.show": ("Listed", "Shown"),
    "wake_sleep.runs.audit": ("Audit",),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [  # tests compare this with _NAMES
    "Answer",
    "Assembled",
    "Assertion",
    "Audit",
    "Composite",
    "Compressed",
    "Database",
    "Environment",
    "InputError",
    "Judged",
    "Learned",
    "Listed",
    "Model",
    "Proof",
    "Proposed",
    "Ran",
    "Savings",
    "Sequent",
    "Shortened",
    "Shown",
    "State",
    "Step",
    "Verdict",
    "__version__",
    "assemble",
    "audit",
    "check",
    "compress",
    "learn",
    "load",
    "open_run",
    "prove",
    "report",
    "run",
    "tasks",
    "train",
]


def __getattr__(name: str) -> object:
    """A name of the API, imported when it is first asked for; ``__version__`` from the installed package (20 ms)."""
    if name == "__version__":
        from importlib.metadata import version

        found: object = version("metadream")
    elif name in _MODULES:
        from importlib import import_module

        found = getattr(import_module(f"metadream.{_MODULES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
