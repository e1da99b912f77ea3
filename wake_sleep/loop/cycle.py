"""The loop: wake, sleep 1 (compression), sleep 2 (dreaming, training). Each phase is a function of another file."""

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
    """The verb ``learn``: wake-sleep cycles into a run folder; finished ones are kept. Raises `InputError`.

    `on`: "train" tries training tasks, learns from what it finds, and counts how many unseen tasks the same model
    proves; "valid" tries unseen tasks only. `price`: what the library saves, bytes, steps or nats.
    `moves`: what searches choose, content, unify or both; None: by the database's kind. `loaded`: the database, judged,
    where it was read already.
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
    """One cycle. Its files are put in place together: until then the cycle counts as not done, and is done again from
    its start.
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
    """Wake over all tasks, those that are only counted last; what is claimed goes to the judges."""
    told, tasks = run.settings, [*run.tasks, *run.unseen]
    options = search_options(told.expansions, threads=run.workers, library=library, moves=told.moves)
    with console.progress(what, len(tasks)) as update:
        attempts = wake(theory, trained.ranker, tasks, options, run.workers, update)
    return judge(theory, attempts, run.workers, run.settings.database_sha256, run.settings.database)


def attempt_without_library(run: Run, theory: Theory, state: State, trained: Trained) -> Judged:
    """The same tasks and expansions without any composite. Where searches use lemmas, with another ranker, too:
    trained on the same proofs, unfolded.
    """
    what = f"cycle {state.cycle + 1}: without the library"
    if not run.searches_with_lemmas or not theory.lemmas():
        return attempt(run, run.base, trained, what, library=False)
    trained = run.train(run.base, run.plain_corpus(theory, state), run.seed("train", state.cycle), what)
    return attempt(run, run.base, trained, what)


def priced(run: Run, theory: Theory, before: State, state: State, trained: Trained) -> dict[str, Any]:
    """The options of this cycle's compression, with what steps cost the model if that is the price.

    Measured on proofs that the model has not seen; where the corpus is too small to spare any, a first stage that is
    trained on half of the proofs prices by the other half.
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
    """Compression: the library grows, the corpus is rewritten with it."""
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
    """Without the rewritten proofs that the judges refuse when they are written out: a long one can need more dummy
    variables than the database has. `written`: theorem -> proof, or its label where it was not rewritten.
    """
    claims = [Claim(label, entry) for label, entry in written.items() if isinstance(entry, Proof)]
    refused = {claim.task for claim, _ in Judge(theory).refused(claims)}
    return {label: entry for label, entry in written.items() if label not in refused}


def dream_of(run: Run, theory: Theory, state: State) -> list[Proof]:
    """Dreams over the new library, led by use counts."""
    if not run.settings.dreams:
        return []
    habits = replace(run.settings, without=("recognition",))
    seed, steps = run.seed("dream", state.cycle), run.settings.dream_steps
    ranker, _ = fit_first(Material(theory, run.corpus(replace(state, dreams=[])), habits, seed))
    count = min(run.settings.dreams, run.corpus(state).real // 2)  # proofs outweigh dreams
    return dream(theory, ranker, count, steps, seed, run.workers).proofs


def summary(data: dict[str, Any]) -> str:
    """One line on a cycle."""
    unseen = data["pass_rate"]["unseen"]
    beside = f", {unseen['proved']} of {unseen['tasks']} unseen" if unseen and data["pass_rate"]["training"] else ""
    return (
        f"cycle {data['cycle']}: {data['solved']} of {data['tasks']} solved{beside}, "
        f"{data['solved_without_library']} without the library, {data['library_size']} composites, "
        f"{sum(data['seconds'].values()):.1f} s"
    )
