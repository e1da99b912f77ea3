"""All files of a run made anew from each other as far as that is cheap, and compared: for the verb ``audit``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from metadream._core import Theory
from metadream.dsl.library import read_library
from metadream.dsl.proofs import Proof
from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.model.file import load_model
from metadream.wake_sleep.report.report import page
from metadream.wake_sleep.runs.rejudged import Claim, Judge, false_figures, judged_library, library_claims, same_labels
from metadream.wake_sleep.runs.run import Run, text_sha256
from metadream.wake_sleep.runs.state import State, rows_of


def audited(run: Run, cycles: int) -> tuple[int, list[tuple[str, str]]]:
    """All finished cycles judged again: proofs that were judged, and what is wrong, as (file, what)."""
    wrong: list[tuple[str, str]] = []
    base, before = Judge(run.base), Judge(run.base.copy())
    judged = 0
    reports, texts = run.folder.reports(), dict[str, str]()
    state = run.initial()
    models = [_model_key(run, run.base, state)]
    for cycle in range(1, cycles + 1):
        trace, library = (run.folder.name(path) for path in (run.folder.trace(cycle), run.folder.library(cycle)))
        last = state
        try:
            state, rows = run.state(cycle), rows_of(run.folder, cycle)
            after = Judge(judged_library(run, state.library, cycle))
            texts[state.library] = after.theory.library_mm()
            if state.library == run.base.library_json():
                after = base
        except InputError as problem:
            return judged, [*wrong, (_inside(run, problem, library), problem.message)]
        tried = [row for row in rows if row["kind"] in ("task", "unseen")]

        def of(key: str, tried: list[dict[str, Any]] = tried) -> list[Claim]:
            return [Claim(row["task"], Proof(row[key])) for row in tried if row[key] is not None]

        wrong_before = len(wrong)
        if not same_labels(run, state):
            wrong.append((trace, "a human proof has another label"))
        parts = (
            (base, of("best") + of("proof_without")),
            (before, of("proof")),
            (after, library_claims(run.human, state)),
        )
        for judge, claims in parts:
            known = len(judge.accepted)
            for claim, why in judge.refused(claims):
                wrong.append((trace, f"the proof of {claim.task or 'a dream'} is refused: {why}"))
            judged += len(judge.accepted) - known
        judged += sum(composite.level == 1 for composite in read_library(state.library))
        if len(wrong) == wrong_before:  # else these proofs cannot be counted
            models.append(_model_key(run, after.theory, state))
            report = run.folder.name(run.folder.report(cycle))
            wrong += [(report, what) for what in false_figures(run, reports[cycle - 1], rows, last, state)]
        before = after
    return judged, wrong + _newest(run, texts) + ([] if wrong else _model(run, models) + _page(run, cycles))


def _newest(run: Run, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """Whether ``library.json`` is that of a cycle, and ``library.mm`` says the same. `texts`: of each cycle, both."""
    found = {name: run.folder.files.find(name) for name in ("library.json", "library.mm")}
    library = (found["library.json"] or b"").decode("utf-8", "replace")
    if found["library.json"] is not None and library not in texts:
        return [("library.json", "it is not the library of a cycle")]
    mm = found["library.mm"]
    if mm is not None and mm.decode("utf-8", "replace") != texts.get(library, mm.decode("utf-8", "replace")):
        return [("library.mm", "it does not hold the composites of library.json")]
    return []


def _model_key(run: Run, theory: Theory, state: State) -> tuple[str, str]:
    return run.model_key(run.search_corpus(theory, state), state), text_sha256(state.library)


def _model(run: Run, keys: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Whether the model is whole, and was trained on the files of this run. `keys`: of the states before and after
    each cycle, with their libraries' hashes.
    """
    path, name = run.folder.model, run.folder.name(run.folder.model)
    if run.folder.files.find(name) is None or run.folder.files.pending():
        return []
    try:
        _, about = load_model(path)
    except InputError as problem:
        return [(name, problem.message)]
    if (about.get("key"), about.get("library_sha256")) in keys:
        return []
    what = "it was not trained on a library and proofs of this run with the seed of config.toml"
    return [(name, f"{what}; put config.toml back, or delete the model to have it made again")]


def _page(run: Run, cycles: int) -> list[tuple[str, str]]:
    """Whether ``report.html`` is the page of the reports, of all or, if a kill came before it was made, of the first
    ones. A run may have had another name when it was made.
    """
    data = run.folder.files.find("report.html")
    if data is None:
        return []
    said = data.decode("utf-8", "replace")
    title = re.search(r"<title>Metadream: ([^<]*)</title>", said)
    if title and any(page(run.folder, title[1], count) == said for count in range(cycles, 0, -1)):
        return []
    return [("report.html", "it is not the page that follows from the reports; 'metadream report' makes it again")]


def _inside(run: Run, problem: InputError, otherwise: str) -> str:
    root = str(run.folder.root)
    file = problem.file or ""
    return file.removeprefix(root).lstrip("/") if file.startswith(root) else otherwise
