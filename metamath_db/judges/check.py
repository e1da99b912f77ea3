"""``metadream check``: the verdict on a whole Metamath file.

Two judges, and both must accept: our reader and kernel, in this process, and metamath-rs, in a child with
limits. metamath-exe, where it is installed, is asked too and reported beside them; it is no part of the
verdict. A judge that is not there is named as absent, never counted as a pass. What our reader refuses is refused:
no other judge sees it (`outside.py`). What is too large for the others (docs/bounds.md) they are not asked about:
then what our kernel accepts is neither accepted nor refused, but undecided.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metadream import _core
from metadream.metamath_db.core import patiently
from metadream.metamath_db.files import read_bytes
from metadream.metamath_db.judges.includes import MAX_BYTES, Spliced, splice
from metadream.metamath_db.judges.limited import Limits
from metadream.metamath_db.judges.outside import Accepted, ask_metamath_exe, ask_metamath_rs
from metadream.metamath_db.terminal.console import stage
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.metamath_db.terminal.result import Result

FIRST_ERRORS = 20  # errors listed, for each judge
UNSHOWN = "an error in an included file, whose text is not shown"
THREADS = min(2, os.cpu_count() or 1)  # for the kernel


def check(
    path: str | os.PathLike[str],
    exe: str | os.PathLike[str] | None = None,
    include_root: str | os.PathLike[str] | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Judge the file at `path`.

    `exe` is metamath-exe, if it is to be asked too; `include_root` the folder that includes may come from
    (without it they are refused). The result:

    - `file`; `accepted`: kernel and metamath-rs accept, and no proof is incomplete; null where the kernel accepts and
      metamath-rs was not asked or gave no answer;
    - `judges`: judge -> accepted, null where it was not asked or gave no answer; `errors`: judge -> number, null where
      it was not asked; `no_answer`: the judges that met their limits of time or memory before they had judged;
    - `not_asked`: why the outside judges were not asked, null if they were or our reader refuses the file;
    - `first_errors`: objects `judge`, `file`, `line`, `column`, `label`, `message`; places count from 1, null
      where unknown;
    - `incomplete`: number of proofs with ``?``; `statements`: of ``$a`` and ``$p``; `proofs`: of ``$p``;
    - `seconds`: `read`, `kernel`, `metamath_rs` (its verify pass), `metamath_rs_all`, `metamath_exe`.
    """
    path = Path(path)
    spliced = splice(path, Path(include_root)) if include_root is not None else None
    data = spliced.data if spliced is not None else read_bytes(path, "a Metamath database (.mm)", MAX_BYTES)
    limits = limits or Limits.for_source(len(data))
    with stage("our kernel judges"):
        said, bare = patiently(lambda: _core.check_source(data, THREADS))
    kernel = json.loads(said)
    knife = theirs = None
    too_large = kernel["too_large"]
    if bare is not None and too_large is None:
        source = Accepted(bare)
        with stage("metamath-knife judges"):
            knife = ask_metamath_rs(source, limits)
        with stage("metamath-exe judges"):
            theirs = ask_metamath_exe(source, Path(exe), limits) if exe is not None else None
    errors = [{"judge": "kernel", **e} for e in kernel["first_errors"][:FIRST_ERRORS]]
    errors += [{"judge": "kernel", **e} for e in kernel["first_incomplete"][: FIRST_ERRORS - len(errors)]]
    for judge, answer in (("metamath_rs", knife), ("metamath_exe", theirs)):
        if answer is not None:
            errors += [{"judge": judge, **e} for e in answer["first_errors"][:FIRST_ERRORS]]
    answers = {"metamath_rs": knife, "metamath_exe": theirs}
    silent = [judge for judge, answer in answers.items() if answer is not None and answer["no_answer"]]
    verdicts = {
        judge: answer["accepted"] if answer is not None and judge not in silent else None
        for judge, answer in answers.items()
    }
    undecided = kernel["accepted"] and verdicts["metamath_rs"] is None
    return {
        "file": str(path),
        "accepted": None if undecided else bool(kernel["accepted"] and verdicts["metamath_rs"]),
        "judges": {"kernel": kernel["accepted"], **verdicts},
        "no_answer": silent,
        "errors": {
            "kernel": kernel["errors"],
            "metamath_rs": knife and knife["errors"],
            "metamath_exe": theirs and theirs["errors"],
        },
        "not_asked": too_large,
        "first_errors": [_placed(e, path, spliced) for e in errors],
        "incomplete": kernel["incomplete"],
        "statements": kernel["statements"],
        "proofs": kernel["proofs"],
        "seconds": {
            "read": kernel["read_s"],
            "kernel": kernel["kernel_s"],
            "metamath_rs": knife and knife["verify_s"],
            "metamath_rs_all": knife and knife["seconds"],
            "metamath_exe": theirs and theirs["seconds"],
        },
    }


def _placed(error: dict[str, Any], path: Path, spliced: Spliced | None) -> dict[str, Any]:
    """The error with its file. Text of included files is not shown."""
    out = {"judge": error["judge"], "file": str(path), **{k: error[k] or None for k in ("line", "column", "label")}}
    message = plain(error["message"])
    file = path
    if spliced is not None and error["line"]:
        file, line, column = spliced.place(error["line"], error["column"] or 1)
        out["file"], out["line"] = str(file), line
        out["column"] = column if error["column"] else None
    if spliced is not None and (file != path or (not error["line"] and len(spliced.files) > 1)):
        out["label"] = None
        known = error["judge"] == "kernel" and error["line"]  # our own messages quote in one way
        message = re.sub(r"`[^`]*`", "`...`", message.partition("(")[0]) if known else UNSHOWN
    return {**out, "message": message}


@dataclass(frozen=True)
class Problem:
    """An error that a judge reports in a file. A field is None where the judge does not give it."""

    judge: str
    """``kernel``, ``metamath_rs`` or ``metamath_exe``."""
    file: str
    line: int | None
    """From 1, as the column, which counts bytes."""
    column: int | None
    label: str | None
    message: str

    def __str__(self) -> str:
        """``FILE:LINE:COLUMN: judge: label: message``, with the parts that are known."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        label = f" {self.label}:" if self.label else ""
        return plain(f"{place}: {self.judge}:{label} {self.message}")


@dataclass(frozen=True, repr=False, eq=False)
class Verdict(Result):
    """The verdict of the judges on a whole file. It counts as true if the file is accepted."""

    @property
    def accepted(self) -> bool | None:
        """Whether our kernel and metamath-knife both accept the file.

        None: undecided, because the file is too large for metamath-knife.
        """
        accepted: bool | None = self.data["accepted"]
        return accepted

    @property
    def judges(self) -> dict[str, bool | None]:
        """The verdict of each judge; None where it was not asked or gave no answer."""
        return dict(self.data["judges"])

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The first errors of each judge, proofs with ``?`` among them."""
        return tuple(Problem(**error) for error in self.data["first_errors"])

    @property
    def statements(self) -> int:
        """How many ``$a`` and ``$p``."""
        return int(self.data["statements"])

    @property
    def proofs(self) -> int:
        """How many ``$p``."""
        return int(self.data["proofs"])

    @property
    def incomplete(self) -> int:
        """How many proofs have ``?``."""
        return int(self.data["incomplete"])


def verdict(file: str | os.PathLike[str], root: str | os.PathLike[str] | None = None) -> Verdict:
    """Judge a file or a fetched database; `root`: the folder that includes may come from. Status 1 if it is refused or
    undecided. Raises `InputError`.
    """
    from metadream.metamath_db.data import find_metamath_exe, resolve_database

    result = check(resolve_database(file), exe=find_metamath_exe(), include_root=root)
    return Verdict(result, _text(result), 0 if result["accepted"] else 1)


def _text(result: Mapping[str, Any]) -> str:
    says = {True: "accepted", False: "refused", None: "not asked"}
    judges = ", ".join(
        f"{judge} {'gave no answer' if judge in result['no_answer'] else says[verdict]}"
        for judge, verdict in result["judges"].items()
    )
    verdict = "undecided" if result["accepted"] is None else says[result["accepted"]]
    lines = [
        f"{plain(result['file'])}: {verdict} ({judges})",
        f"{result['statements']:,} statements, {result['proofs']:,} proofs, {result['incomplete']:,} incomplete",
    ]
    if result["not_asked"] is not None:
        lines.append(f"too large for the outside judges: {result['not_asked']}")
    lines += [str(Problem(**error)) for error in result["first_errors"]]
    return "\n".join(lines)
