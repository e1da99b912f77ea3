"""The loop: wake, sleep 1 (compression) and sleep 2 (dreaming, training). Other files implement the phases."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from metadream._core import Theory
from metadream.compression.learn import compress
from metadream.dsl.proofs import Entry, Proof, entry_texts
from metadream.metamath_db.core import patiently
from metadream.metamath_db.terminal import console
from metadream.wake_sleep.loop.dream import dream
from metadream.wake_sleep.loop.figures import figures
from metadream.wake_sleep.loop.wake import Judged, judge, wake
from metadream.wake_sleep.model.corpus import parts
from metadream.wake_sleep.model.train import Material, Trained, fit_first, fit_on_half
from metadream.wake_sleep.report.learned import Learned
from metadream.wake_sleep.report.report import page
from metadream.wake_sleep.runs.folder import Folder
from metadream.wake_sleep.runs.rejudged import Claim, Judge, judged_state, refuse_false_figures
from metadream.wake_sleep.runs.run import Clock, Run, open_run
from metadream.wake_sleep.runs.settings import RunRequest
from metadream.wake_sleep.runs.state import State, trace_bytes
from metadream.wake_sleep.search.options import search_options

OneEntry = TypeVar("OneEntry", bound=Entry)


def learn(
    database: str,
    run: Path,
    cycles: int,
    seed: int,
    tasks: int | None = None,
    without: frozenset[str] = frozenset(),
    expansions: int | None = None,
    workers: int | None = None,
    on: str | None = None,
    price: str | None = None,
    moves: str | None = None,
    loaded: Theory | None = None,
) -> Learned:
    """The verb ``learn``: run wake-sleep cycles until the run folder has `cycles` of them; finished cycles are kept.

    `on`: "train" attempts training tasks, learns from the found proofs, and counts the unseen tasks that the same model
    proves; "valid" attempts unseen tasks only. `price`: the unit that the library saves: bytes, steps or nats. `moves`:
    the moves of searches: content, unify or both; None: by the kind of the database. `loaded`: the database with its
    judges, if it was loaded before. Raises `InputError`.
    """
    folder, asked = Folder(run), RunRequest(seed, tasks, without, expansions, on, price, moves)
    with folder.lock():
        work = open_run(folder, database, asked, workers, loaded)
        state, theory = judged_state(work, len(folder.reports()))
        refuse_false_figures(work)
        while state.cycle < cycles:
            state = cycle(work, state)
            theory = work.theory(state.library)
        work.recognition(theory, state)  # so that the folder's model knows the folder's library
        texts = {"library.json": state.library, "library.mm": theory.library_mm(), "report.html": page(folder)}
        folder.files.update({name: text.encode() for name, text in texts.items()})
        return Learned.of(folder)


def cycle(run: Run, before: State) -> State:
    """Run one cycle and return the state after it. Its files are put in place together at the end; a cycle that is
    interrupted before is run again from its start.
    """
    number, clock = before.cycle + 1, Clock()
    theory, searched = run.theory(before.library), run.search_theory(before.library)
    with clock("train"):
        trained = run.recognition(theory, before)
    with clock("wake"):
        found = attempt(run, searched, trained, f"cycle {number}: wake")
    with clock("wake_without_library"):
        bare = attempt_without_library(run, theory, before, trained) if run.settings.uses("library") else found
    frontier = run.improved(theory, before, found.attempts)
    with clock("compress"):
        options = priced(run, theory, before, replace(before, frontier=frontier), trained)
        after = sleep(run, theory, replace(before, cycle=number, frontier=frontier), options)
    with clock("dream"):
        dreams = dream_of(run, run.theory(after.library), after)
    after = replace(after, dreams=dreams)
    trace = trace_bytes(after, found.attempts, bare.attempts, frozenset(run.unseen))
    with clock("log"):
        log = run.append_log(before, [*found.sessions, *([] if bare is found else bare.sessions)])
    data = figures(run, before, after, found, bare, trained, clock.seconds) | log
    data["proofs_sha256"] = hashlib.sha256(trace).hexdigest()
    folder = run.folder
    texts = {folder.library(number): after.library, folder.report(number): console.to_json(data) + "\n"}
    made = {folder.name(path): text.encode() for path, text in texts.items()}
    folder.files.commit({folder.name(folder.trace(number)): trace, **made}, folder.files.later(number))
    console.note(summary(data))
    return after


def attempt(run: Run, theory: Theory, trained: Trained, what: str, library: bool = True) -> Judged:
    """Search for proofs of all tasks and have them judged. The tasks that are only counted come last."""
    told, tasks = run.settings, [*run.tasks, *run.unseen]
    options = search_options(told.expansions, threads=run.workers, library=library, moves=told.moves)
    with console.progress(what, len(tasks)) as update:
        attempts = wake(theory, trained.ranker, tasks, options, run.workers, update)
    return judge(theory, attempts, run.workers, run.settings.database_sha256, run.settings.database)


def attempt_without_library(run: Run, theory: Theory, state: State, trained: Trained) -> Judged:
    """Attempt the tasks with as many expansions but without composites. If searches use lemmas, the ranker is another
    one too, which is trained on the same proofs with lemmas unfolded.
    """
    what = f"cycle {state.cycle + 1}: without the library"
    if not run.searches_with_lemmas or not theory.lemmas():
        return attempt(run, run.base, trained, what, library=False)
    trained = run.train(run.base, run.plain_corpus(theory, state), run.seed("train", state.cycle), what)
    return attempt(run, run.base, trained, what)


def priced(run: Run, theory: Theory, before: State, state: State, trained: Trained) -> dict[str, Any]:
    """Returns the options of this cycle's compression; if the price is nats, with the cost of steps under the model.

    The cost is measured on proofs that the model has not seen. If the corpus is too small to hold out any, a first
    stage is trained on one half of the proofs, and the cost is measured on the other half.
    """
    options = run.compression_options()
    if options["price"] != "nats":
        return options
    ranker, corpus = trained.ranker, run.corpus(replace(state, dreams=[]))
    _, rest = parts(run.search_corpus(theory, before), run.seed("train", before.cycle))
    if not rest and corpus.items:
        ranker, rest = fit_on_half(Material(theory, corpus, run.settings, run.seed("price", before.cycle)))
    return {**options, "nats": patiently(lambda: ranker.nats(theory, entry_texts(rest)))}


def sleep(run: Run, theory: Theory, state: State, options: dict[str, Any]) -> State:
    """Compress the corpus: extend the library and rewrite the corpus with it. Returns the new state."""
    corpus = run.corpus(state)
    if not run.settings.uses("library") or not [*corpus.found, *corpus.human]:
        return state
    settled = run.settled(theory, state, options)
    done = patiently(lambda: compress(theory, corpus.found, corpus.human, options, settled))
    tasks, labels = run.learnt(state)
    again = _judged(theory, dict(zip(tasks, done.found, strict=True)))
    frontier = {task: replace(best, rewritten=again.get(task, best.rewritten)) for task, best in state.frontier.items()}
    human: dict[str, Entry] = {label: label for label in labels}
    human |= _judged(theory, dict(zip(labels, done.human, strict=True)))
    written = {**dict(zip(run.human, state.human, strict=True)), **human}
    return replace(state, library=theory.library_json(), frontier=frontier, human=list(written.values()))


def _judged(theory: Theory, written: Mapping[str, OneEntry]) -> dict[str, OneEntry]:
    """Returns `written` without the proofs that the judges refuse when they are written out. A long proof can need more
    dummy variables than the database has. `written`: the proof of each theorem, or its label if it was not rewritten.
    """
    claims = [Claim(label, entry) for label, entry in written.items() if isinstance(entry, Proof)]
    refused = {claim.task for claim, _ in Judge(theory).refused(claims)}
    return {label: entry for label, entry in written.items() if label not in refused}


def dream_of(run: Run, theory: Theory, state: State) -> list[Proof]:
    """Returns dreams over the new library, sampled by use counts."""
    if not run.settings.dreams:
        return []
    habits = replace(run.settings, without=("recognition",))
    seed, steps = run.seed("dream", state.cycle), run.settings.dream_steps
    ranker, _ = fit_first(Material(theory, run.corpus(replace(state, dreams=[])), habits, seed))
    count = min(run.settings.dreams, run.corpus(state).real // 2)  # proofs outweigh dreams
    return dream(theory, ranker, count, steps, seed, run.workers).proofs


def summary(data: dict[str, Any]) -> str:
    """Returns a summary of a cycle's report in one line."""
    unseen = data["pass_rate"]["unseen"]
    beside = f", {unseen['proved']} of {unseen['tasks']} unseen" if unseen and data["pass_rate"]["training"] else ""
    return (
        f"cycle {data['cycle']}: {data['solved']} of {data['tasks']} solved{beside}, "
        f"{data['solved_without_library']} without the library, {data['library_size']} composites, "
        f"{sum(data['seconds'].values()):.1f} s"
    )
