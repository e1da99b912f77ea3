"""The answer of ``prove`` as an object, and the output folder that it is written to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import Any

from metadream import _core
from metadream._core import Draft, Theory
from metadream.dsl.proofs import Goal, Proof, Statement
from metadream.metamath_db.errors import InputError
from metadream.metamath_db.terminal.console import to_json
from metadream.metamath_db.terminal.result import Result
from metadream.wake_sleep.prove import report
from metadream.wake_sleep.prove.content import content_text
from metadream.wake_sleep.prove.files import text
from metadream.wake_sleep.prove.files.files import Target
from metadream.wake_sleep.prove.files.grounds import said, warned
from metadream.wake_sleep.runs.folder import publish

ANSWER_SCHEMA = 1


@dataclass(frozen=True, repr=False, eq=False)
class Answer(Result):
    """The result of proving a theorem, a statement, or the open theorems of a file; true if all of it is proved."""

    proof: Proof | None = None
    """The proof that both judges accepted; None for a file, or if nothing was proved."""
    unfolded: Proof | None = None
    """The proof with all composites replaced by their own proofs."""
    make_files: Callable[[], dict[str, str]] = field(default=dict)

    @property
    def target(self) -> str:
        """The label, statement or file that was to be proved."""
        return str(self.data["target"])

    @property
    def proved(self) -> bool:
        """Whether everything is proved, with proofs that both judges accept."""
        return bool(self.data["proved"])

    @property
    def reason(self) -> str:
        """The reason for which the search ended, such as ``solved``, ``budget``, ``time``, ``exhausted``, ``false`` or
        ``refused`` (docs/formats.md). For a file, it is that of the first theorem that is not proved.
        """
        if "reason" in self.data:
            return str(self.data["reason"])
        left = [row["reason"] for row in self.theorems if not row["proved"]]
        return str(left[0]) if left else "unknown" if self.data["unasked"] else "solved"

    @property
    def steps(self) -> int:
        """The number of steps that apply a premise, 0 without a proof; for a file, the sum over all theorems."""
        return int(self.data.get("steps") or 0) + sum(int(row["steps"]) for row in self.theorems)

    @property
    def expansions(self) -> int:
        """The number of expanded goals."""
        return int(self.data["expansions"])

    @property
    def seconds(self) -> float:
        """CPU seconds of the search."""
        return float(self.data["seconds"])

    @property
    def program(self) -> str | None:
        """The decisions of the search as a readable program, if moves in context found the proof; else None."""
        content: Mapping[str, Any] | None = self.data.get("content")
        return None if content is None else str(content["text"])

    @property
    def counterexample(self) -> str | None:
        """Values that make a statement about numbers false; None if none were found."""
        found: Mapping[str, Any] | None = self.data.get("counterexample")
        return None if found is None else str(found["text"])

    @property
    def theorems(self) -> tuple[Mapping[str, Any], ...]:
        """The results of a file's theorems; empty if no file was to be proved."""
        return tuple(self.data.get("theorems", ()))

    @cached_property
    def _files(self) -> dict[str, str]:
        return self.make_files()

    def files(self) -> dict[str, str]:
        """Returns the texts of the files of the output folder (``--output``), by name: the theorem as ``.mm`` and as a
        worksheet, and the files that replay a proof. For a file, they are the texts written for each theorem.
        """
        return dict(self._files)

    def mm(self) -> str:
        """Returns the theorem as Metamath text, with ``?`` for open steps; for a file, all theorems."""
        names = [name for name in self._files if name.endswith(".mm") and name != "proof.mm"]
        return "".join(self._files[name] for name in names)

    def write(self, folder: Path | str) -> None:
        """Write the files of the answer and a manifest to a folder, as ``--output`` does."""
        write_answer(Path(folder), self._files, self.data.get("statement_sha256"))


def files_of_one(
    theory: Theory,
    goal: Goal,
    data: Mapping[str, Any],
    judged: Callable[[], Mapping[str, Any]],
    found: Mapping[str, Any],
) -> dict[str, str]:
    """Returns the answer's files: the theorem as .mm and .mmp, and for a proof all files that are needed to replay it.

    `judged` returns the machine's result of running the proof; its program contains all that it needs.
    """
    named = goal if isinstance(goal, str) else None
    label = _free_label(theory) if named is None else named
    draft = _draft(theory, label, goal, found)
    labels = [] if named is None else theory.labels()
    after = labels[max(0, labels.index(label) - 1)] if labels else None
    comment = None if named is None else theory.statement(label)["comment"]
    written = Target(label, draft, comment, after)
    texts = {
        f"{label}.mm": text.block(label, draft, comment, warned(data)),
        f"{label}.mmp": text.sheet(written, draft, [report.effort(data), *said(data)]),
    }
    if data["proved"]:
        made = judged()
        texts |= {
            "proof.json": to_json({key: data[key] for key in ("target", "proof", "unfolded")}) + "\n",
            "program.asm": made["program"],
            "trace.jsonl": made["trace"],
            "proof.mm": made["mm"],
        }
        if data["content"] is not None:
            texts["content.txt"] = content_text(made["program"], data["content"])
    return texts


def files_of_file(data: Mapping[str, Any]) -> dict[str, str]:
    """Returns the texts that were written for the theorems of a file, by name."""
    paths = [Path(theorem[kind]) for kind in ("mm", "mmp") for theorem in data["theorems"]]
    return {path.name: path.read_text() for path in paths}


def _free_label(theory: Theory) -> str:
    """Returns a label for a statement that the database does not use."""
    return next(
        label for label in chain(["statement"], map("statement{}".format, count(2))) if not theory.meaning(label)
    )


def _draft(theory: Theory, label: str, goal: Goal, found: Mapping[str, Any]) -> Draft:
    """Returns a draft of the proof that a search found, or of its frontier if it found none."""
    if not isinstance(goal, Statement):
        said = theory.statement(label)
        hyps = tuple(zip(said["hyp_labels"], said["hyps"], strict=True))
        goal = Statement(said["conclusion"], hyps, tuple(said["disjoint"]), label)
    empty = _core.Draft.of_steps(theory, label, goal.to_json(), [("qed", None, [], None)])
    proof = theory.unfold(found["proof"]) if found["proof"] else found["frontier"]
    try:
        return empty.spliced([0], proof, []) if proof else empty
    except InputError:  # a frontier whose parts do not fit together
        return empty


def write_answer(folder: Path, texts: Mapping[str, str], statement_sha256: str | None) -> None:
    """Writes the files of an answer, and a manifest with their SHA-256."""
    for name, content in texts.items():
        publish(folder / name, content)
    hashes = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in texts.items()}
    manifest = {"schema": ANSWER_SCHEMA, "statement_sha256": statement_sha256, "sha256": hashes}
    publish(folder / "manifest.json", to_json(manifest) + "\n")
