"""What ``prove`` answers, as an object, and the folder that it is written into."""

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
    """What became of a theorem, a statement, or of all that a file leaves open; true if all of it is proved."""

    proof: Proof | None = None
    """The proof that both judges accepted; None for a file, and where there is none."""
    unfolded: Proof | None = None
    """The same with all composites replaced by their proofs."""
    make_files: Callable[[], dict[str, str]] = field(default=dict)

    @property
    def target(self) -> str:
        """What was asked for."""
        return str(self.data["target"])

    @property
    def proved(self) -> bool:
        """Whether it is proved, and both judges accept it."""
        return bool(self.data["proved"])

    @property
    def reason(self) -> str:
        """Why the search ended, such as ``solved``, ``budget``, ``time``, ``exhausted``, ``false``, ``refused``
        (docs/formats.md); of a file, of the first theorem that is not proved.
        """
        if "reason" in self.data:
            return str(self.data["reason"])
        left = [row["reason"] for row in self.theorems if not row["proved"]]
        return str(left[0]) if left else "unknown" if self.data["unasked"] else "solved"

    @property
    def steps(self) -> int:
        """Steps of the proof that apply a premise; 0 where there is none. Of a file, of all theorems together."""
        return int(self.data.get("steps") or 0) + sum(int(row["steps"]) for row in self.theorems)

    @property
    def expansions(self) -> int:
        """Goals that were expanded."""
        return int(self.data["expansions"])

    @property
    def seconds(self) -> float:
        """CPU seconds of the search."""
        return float(self.data["seconds"])

    @property
    def program(self) -> str | None:
        """What the search decided, as a program for people, where moves in context found the proof."""
        content: Mapping[str, Any] | None = self.data.get("content")
        return None if content is None else str(content["text"])

    @property
    def counterexample(self) -> str | None:
        """For a statement about numbers that is false, values that make it so."""
        found: Mapping[str, Any] | None = self.data.get("counterexample")
        return None if found is None else str(found["text"])

    @property
    def theorems(self) -> tuple[Mapping[str, Any], ...]:
        """Of a file, what became of each theorem; else nothing."""
        return tuple(self.data.get("theorems", ()))

    @cached_property
    def _files(self) -> dict[str, str]:
        return self.make_files()

    def files(self) -> dict[str, str]:
        """The files of an answer's folder (``--output``), by name: the theorem as ``.mm`` and as a worksheet, and what
        is needed to replay a proof. Of a file, what was written for each theorem.
        """
        return dict(self._files)

    def mm(self) -> str:
        """The theorem as Metamath text, to be pasted into the database: open steps are ``?``. Of a file, all of it."""
        names = [name for name in self._files if name.endswith(".mm") and name != "proof.mm"]
        return "".join(self._files[name] for name in names)

    def write(self, folder: Path | str) -> None:
        """Write the answer's folder, as ``--output`` does."""
        write_answer(Path(folder), self._files, self.data.get("statement_sha256"))


def files_of_one(
    theory: Theory,
    goal: Goal,
    data: Mapping[str, Any],
    judged: Callable[[], Mapping[str, Any]],
    found: Mapping[str, Any],
) -> dict[str, str]:
    """The answer's files: of a proof all that is needed to replay it; in any case the theorem as .mm and .mmp.

    `judged` gives what the machine says of the proof, whose program carries all that it needs.
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
    """What was written for the theorems of a file."""
    paths = [Path(theorem[kind]) for kind in ("mm", "mmp") for theorem in data["theorems"]]
    return {path.name: path.read_text() for path in paths}


def _free_label(theory: Theory) -> str:
    """A label for a statement, which names nothing in the database."""
    return next(
        label for label in chain(["statement"], map("statement{}".format, count(2))) if not theory.meaning(label)
    )


def _draft(theory: Theory, label: str, goal: Goal, found: Mapping[str, Any]) -> Draft:
    """What a search of one statement found, or where it stands, as a draft."""
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
    """The files of an answer, and a manifest with their hashes."""
    for name, content in texts.items():
        publish(folder / name, content)
    hashes = {name: hashlib.sha256(content.encode()).hexdigest() for name, content in texts.items()}
    manifest = {"schema": ANSWER_SCHEMA, "statement_sha256": statement_sha256, "sha256": hashes}
    publish(folder / "manifest.json", to_json(manifest) + "\n")
