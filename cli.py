"""The command line: which commands there are, how they answer, and what is said when something goes wrong.

A command is a function of a folder's ``commands.py``: options in, an `Outcome` out. ``--json``, ``--max-memory`` and
``--max-seconds`` are added here.

Exit status: 0 done, 1 not proved or not accepted, 2 bad use or bad input, 130 interrupted, 70 our own bug.
Only typer is imported at the top of these files; each command imports what it needs when it runs, so that ``--help``
is quick.
"""

# ruff: noqa: E402 (Ctrl-C is seen to before the slow imports)

from __future__ import annotations

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    sys.path.pop(0)  # this folder: its compression/ is not the standard library's

import os
import signal


def _stop(*_: object) -> None:
    os.write(2, b"interrupted\n")
    os._exit(130)


_EARLY = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _EARLY:
    try:
        signal.signal(signal.SIGINT, _stop)  # Ctrl-C while modules load is no traceback
    except ValueError:  # not the main thread
        _EARLY = False

import errno
import functools
import inspect
import io
import math
import select
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from metadream.compression import commands as compression
from metadream.dsl import commands as dsl
from metadream.metamath_db import bounds
from metadream.metamath_db import commands as metamath_db
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.console import Outcome, answering, error, let_go, note, open_streams, working
from metadream.wake_sleep import commands as wake_sleep
from metadream.wake_sleep.bench import commands as bench

INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130
ADVICE = {  # by error number, what to do about what the system refuses
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room, or ask for a larger quota",
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.ENFILE: "close other programs",
    errno.EROFS: "name a place that can be written",
}
LEAST_BYTES = 320 << 20  # address space that starting takes, numpy's libraries included
CHECK = "check the path and its permissions"
# how the system's refusals look in the words of Python, Rust, the dynamic linker, torch and C++
NO_MEMORY = ("annot allocate memory", "an't allocate memory", "failed to map segment", "bad_alloc")
NO_THREAD = ("can't start new thread", "failed to spawn thread", "unable to start new thread")

Command = Callable[..., Outcome]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on one line, and nothing else.")]

COMMANDS: dict[str, Command] = {  # in the order of --help
    "learn": wake_sleep.learn,
    "prove": wake_sleep.prove,
    "train": wake_sleep.train,
    "check": metamath_db.check,
    "tasks": metamath_db.tasks,
    "census": bench.census,
    "export": wake_sleep.export,
    "compress": compression.compress,
    "propose": compression.propose,
    "shorten": compression.shorten,
    "report": wake_sleep.report,
    "asm": wake_sleep.assemble,
    "run": wake_sleep.run_program,
    "debug": wake_sleep.debug,
    "audit": wake_sleep.audit,
}
GROUPS: dict[str, tuple[str, dict[str, Command]]] = {  # name -> purpose, commands
    "bench": (
        "Measure something and print the figures.",
        {
            "load": metamath_db.bench_load,
            "compress": bench.compress,
            "stitch": compression.bench_stitch,
            "machine": dsl.bench_machine,
            "library": bench.library,
            "prove": bench.prove,
            "environment": bench.environment,
            "states": bench.states,
        },
    ),
    "library": (
        "Look into a run's library of composites, or learn macros.",
        {
            "list": wake_sleep.library_list,
            "show": wake_sleep.library_show,
            "macros": dsl.library_macros,
        },
    ),
    "data": (
        "Fetch databases and the verifier, once; export proofs as data.",
        {"get": metamath_db.data_get, "list": metamath_db.data_list, "export": wake_sleep.data_export},
    ),
}
CONVERSATIONS = {wake_sleep.debug}  # they have no --json, and show no progress
OUTPUTS = {"output", "export", "drawing", "log", "resume"}  # options that name a place to write


def _answered(command: Command) -> Callable[..., int]:
    """What typer runs: `command` with the options that all commands have as its last ones, kept to their bounds; its
    outcome shown, its status returned.
    """
    signature = inspect.signature(command, eval_str=True)
    speaks = command in CONVERSATIONS

    @functools.wraps(command)
    def run(json: bool = False, max_memory: str | None = None, max_seconds: float | None = None, **options: Any) -> int:
        _check_memory()
        _check(signature, options)
        limits = bounds.chosen(max_memory, max_seconds)
        with answering(json) as answer, bounds.setting(limits):
            with nullcontext() if speaks else working(command.__name__.removeprefix("bench_").replace("_", " ")):
                outcome = command(**options)
            return answer(outcome)

    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, default, annotation in (
            ("max_memory", None, bounds.MaxMemory),
            ("max_seconds", None, bounds.MaxSeconds),
            ("json", False, Json),
        )
        if name != "json" or not speaks
    ]
    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *more])  # type: ignore[attr-defined]
    return run


def _check_memory() -> None:
    """Refuse a limit under which numpy's libraries end the process as they are loaded, with a status that says
    something else. Raises `InputError`.
    """
    try:
        import resource
    except ImportError:  # not a Unix
        return
    limits = [resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA)]
    finite = [limit for limit in limits if limit != resource.RLIM_INFINITY]
    if finite:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # each of its threads takes address space at once
        if min(finite) < LEAST_BYTES:
            least, most = LEAST_BYTES >> 20, min(finite) >> 20
            raise InputError(f"the limit on memory is {most} MiB (ulimit -v, -d); at least {least} MiB are needed")


def _check(signature: inspect.Signature, options: Mapping[str, Any]) -> None:
    """Refuse, before any work, numbers that do not end, files that are none (a pipe would be waited for) and places
    that cannot be written. Raises `InputError`.
    """
    for name, value in options.items():
        for path in value if isinstance(value, list) else [value]:
            if (
                isinstance(path, Path)
                and name not in OUTPUTS
                and path.exists()
                and not (path.is_file() or path.is_dir())
            ):
                raise InputError("no regular file; name a file or a folder", path)
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"--{name.replace('_', '-')}: expected a number that ends, this is {value}")
        if name in OUTPUTS and isinstance(value, Path):
            from metadream.metamath_db.files import check_place

            [option] = signature.parameters[name].annotation.__metadata__
            check_place(value, folder=option.metavar == "FOLDER")


def _group(purpose: str, commands: Mapping[str, Command], completion: bool = False) -> typer.Typer:
    # help as plain text: drawing it with rich doubles the time that it takes
    made = typer.Typer(help=purpose, add_completion=completion, rich_markup_mode=None, pretty_exceptions_enable=False)
    for name, command in commands.items():
        made.command(name)(_answered(command))
    return made


app = _group("Prove Metamath theorems, and learn a library of lemmas from the proofs.", COMMANDS, completion=True)
for name, group in GROUPS.items():
    app.add_typer(_group(*group), name=name)


def _version(wanted: bool) -> None:
    if wanted:
        import metadream

        print(f"metadream {metadream.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status; whatever goes wrong is one line on standard error."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        open_streams()
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter is no error
        command = typer.main.get_command(app)
        status = command.main(args=given or ["--help"], prog_name="metadream", standalone_mode=False)
        sys.stdout.flush()  # what --version prints
    except BaseException as problem:
        return _explain(problem)
    if status == INTERRUPTED:
        note("interrupted")
    return status or 0


def _explain(problem: BaseException) -> int:
    """The one line for `problem`, and the exit status."""
    if os.environ.get("METADREAM_TRACEBACK") and not isinstance(problem, SystemExit):
        raise problem
    if isinstance(problem, BrokenPipeError | SystemExit) and _reader_left():  # of --help, or of a conversation
        let_go(sys.stdout)
        return 0
    if isinstance(problem, SystemExit):
        return problem.code if isinstance(problem.code, int) else 1
    if isinstance(problem, KeyboardInterrupt | typer.Abort):
        note("interrupted")
        return INTERRUPTED
    line = _bad_input(problem)
    if line is None:
        error(f"internal error: {type(problem).__name__}: {problem}; set METADREAM_TRACEBACK=1 to see where")
        return INTERNAL_ERROR
    error(line)
    return 2


def _bad_input(problem: BaseException) -> str | None:
    """What to say of bad use, bad input or a system that does not give what is needed; None for our own bug."""
    if isinstance(problem, InputError):
        return str(problem)
    if isinstance(problem, typer.exceptions.TyperException):
        usage = getattr(problem, "ctx", None)
        path = usage.command_path if usage is not None else "metadream"
        said = problem.format_message().replace("Value error, ", "").rstrip(".")
        return f"{said} See '{path} --help'" if said.endswith("?") else f"{said}; see '{path} --help'"
    if isinstance(problem, UnicodeEncodeError) and problem.reason == "surrogates not allowed":
        return f"{problem.object}: a name that is no UTF-8 cannot be used here; rename it"
    if any(phrase in str(problem) for phrase in NO_MEMORY) or isinstance(problem, MemoryError):
        return "the system gives no more memory; ask for less, or allow more (ulimit -v, --max-memory)"
    if any(phrase in str(problem) for phrase in NO_THREAD):
        return "the system starts no more threads; ask for fewer (--workers, --threads), or allow more (ulimit -u)"
    if isinstance(problem, OSError):
        where = "" if problem.filename is None else f"{_name(problem.filename)}: "
        return f"{where}{problem.strerror or problem}; {ADVICE.get(problem.errno or 0, CHECK)}"
    return None


def _name(file: Any) -> str:
    return os.fsdecode(file) if isinstance(file, str | bytes | os.PathLike) else f"file descriptor {file}"


def _reader_left() -> bool:
    """Whether nobody reads standard output any more."""
    try:
        poll = select.poll()
        poll.register(sys.stdout.fileno(), 0)
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    except (AttributeError, OSError, ValueError):
        return False


if _EARLY:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def command() -> None:
    """The installed command. It ends at once: threads of the core, of torch or of Arrow may still run, and the
    interpreter's own way out would pull down the libraries under them (seen: "terminate called", status 134).
    """
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever wrote has said so already
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    command()
