"""Inputs that once failed (``tests/cases``), each with the status and the words that are right.

A row is a command, run in ``tests/cases``, its status, and part of what it prints; ``OUT`` in a command is an empty
folder of its own. Each runs in a process of its own that is ended after `SECONDS`: nothing here may hang.
"""

from __future__ import annotations

import multiprocessing
import shlex
from pathlib import Path

import case_process
import pytest

CASES = Path(__file__).resolve().parents[1] / "cases"
PRELOADED = ["metadream.cli", "metadream._core", "metadream.wake_sleep.prove.prove", "metadream.compression.commands"]
SECONDS = 60.0  # no case takes more than a few, even on a busy machine

ROWS: list[tuple[str, int, str]] = [  # command, status, part of what is printed
    # typecodes
    ("prove -- '-. ( ph -> ph )'", 2, "a statement begins with a provable typecode, here `|-`; found `-.`"),
    ("prove -- '( ( ph -> ph )'", 2, "begins with a provable typecode, here `|-`; found `(`"),
    ("prove -- 'ph -> ph'", 2, "begins with a provable typecode, here `|-`; found `ph`"),
    ("prove -- 'wff ( ph -> ps )'", 2, "found `wff`, which says only of which kind something is"),
    ("prove -d twojudge.mm -- '( p -> p )'", 2, "here one of `|-`, `true`; found `(`"),
    ("prove -d twojudge.mm -- '|- ( p -> true p )'", 2, "does not follow the database's grammar"),
    ("prove -d twojudge.mm -- 'true ( q -> ( p -> p ) )'", 0, "1  t1"),
    (
        "prove frag_notype.mm -o OUT",
        2,
        "frag_notype.mm:1: a statement begins with a provable typecode, here `|-`; `bad1`",
    ),
    ("prove twojudge.mm -o OUT", 0, "true ( p -> ( q -> p ) )"),
    ("prove newtypecode.mm -o OUT", 0, "=> ( ph -> ph )"),
    ("prove synhyp4.mm -o OUT", 0, "goal: proved and accepted by both judges"),
    ("check judgements.mm", 0, "accepted"),
    ("tasks -d judgements.mm", 0, ""),
    ("bench compress -d judgements.mm", 0, "'metamath_rs': 0"),
    ("shorten -d judgements.mm -o OUT/short.mm", 0, "metamath_rs 0 errors"),
    ("propose -d judgements.mm", 1, "nothing here is worth a lemma"),
    ("learn -r OUT -d judgements.mm --cycles 1 --expansions 200", 0, "cycle"),
    ("bench compress -d ambiguous.mm", 0, "u0 stays as it was"),
    ("shorten -d ambiguous.mm -o OUT/short.mm", 0, "metamath_rs 0 errors"),
    # what could not be read, and what cannot be proved
    ("prove unparsed_ax.mm -o OUT --expansions 100", 1, "unparsed_ax.mm:4: df-up: does not follow the grammar"),
    ("prove -d unparsed_base.mm df-up", 2, "the statement of `df-up` does not follow the database's grammar"),
    ("prove -d unparsed_base.mm up2", 2, "the statement of `up2` does not follow the database's grammar"),
    ("prove -d unparsed_base.mm id", 0, "unparsed_base.mm:10: df-up: does not follow the grammar"),
    ("tasks -d unparsed_base.mm", 0, "unparsed_base.mm:10: df-up: does not follow the grammar"),
    ("prove ax-mp", 2, "ax-mp is an axiom; name a theorem or a statement"),
    ("prove -- '|- ( ph -> ps )'", 1, "hopeless: it is false where ph is true, ps is false"),
    ("prove -- '|- F.'", 1, "hopeless: it is false whatever its parts are"),
    # what an answer rests on
    ("prove -- '|- ( ph -> ph )'", 0, "rests on the axioms: ax-mp, ax-1, ax-2"),
    (
        "prove safety/smuggle.mm -o OUT",
        0,
        "WARNING: rests on evil, an axiom of this file that the database does not have",
    ),
    ("prove wrong_before.mm -o OUT --expansions 200", 1, "rests on wrong, whose own proof is refused"),
    ("prove wrong_whole.mm -o OUT --expansions 200", 1, "rests on wrong, whose own proof is refused"),
    (
        "prove -d unproved_base.mm -- '|- F.'",
        1,
        "rests on bad, whose own proof is refused: the proof proves another statement (unproved_base.mm:13)",
    ),
    ("prove -d unproved_base.mm -- '|- ( F. -> ( ph -> F. ) )'", 0, "rests on the axioms of unproved_base.mm: "),
    (
        "prove -d unproved_base.mm -- '|- ( ph -> F. )'",
        1,
        "rests on open, whose own proof is incomplete (`?`) (unproved_base.mm:14)",
    ),
    ("prove -d unproved_base.mm w_onbad.mmp -o OUT", 1, "rests on bad, whose own proof is refused"),
    ("prove unproved_before.mm -o OUT", 1, "hopeless: it is false where ph is true, ps is false"),
    ("prove -d own_axiom.mm -- '|- F.'", 0, "WARNING: the axiom evil says that anything holds"),
    ("prove -d own_axiom.mm -- '|- ( ph -> ( ps -> ph ) )'", 0, "rests on the axioms of own_axiom.mm: "),
    # worksheets
    ("prove w_badsym.mmp -o OUT", 2, "w_badsym.mmp:3: `=>` is not a symbol of the database"),
    ("prove w_dconst.mmp -o OUT", 2, "w_dconst.mmp:4: `T.` is not a variable"),
    ("prove w_dself.mmp -o OUT", 2, "w_dself.mmp:2: variable `ph` stands twice in one $d"),
    ("prove w_hyplabel2.mmp -o OUT", 2, "w_hyplabel2.mmp:2: a hypothesis is labelled syl, which names a theorem"),
    ("prove w_selfname.mmp -o OUT", 2, "w_selfname.mmp:1: the theorem is named wi, which names a syntax axiom"),
    ("prove w_bang2.mmp -o OUT", 0, "filled  step d1  |- ( ph -> ( ps -> ph ) )"),
    ("prove w_bare.mmp -o OUT", 0, "bare: proved"),
    ("prove w_localref.mmp -o OUT", 0, "lref: proved"),
    ("prove w_locsyntax.mmp -o OUT", 1, "nothing is left to try"),  # no axiom stands before w3a
    ("prove w_new.mmp -o OUT", 0, "w_new: proved"),
    ("prove w_nohyplabel.mmp -o OUT", 0, "nolab: proved"),
    ("prove w_onecolon.mmp -o OUT", 1, "open    step qed  |- ( ph -> ph )"),  # only ax-mp may be used
    ("prove w_open.mmp -o OUT", 1, "open    step qed.1  |- &W1"),
    ("prove w_tab2.mmp -o OUT", 1, "`syl` is itself not proved"),  # the starter's theorems have no proofs
    ("prove w_work.mmp -o OUT", 0, "2 of 2 open steps filled"),
    ("prove w_nocode.mmp -o OUT", 2, "w_nocode.mmp:3: step d1: a statement begins with a provable typecode"),
    ("prove w_nosymbol.mmp -o OUT", 2, "w_nosymbol.mmp:3: step d1: `true` is not a symbol of the database"),
    ("prove w_noblank.mmp -o OUT", 2, "w_noblank.mmp:3: '|-' is no label; is a blank missing"),
    ("prove w_indented.mmp -o OUT", 2, "w_indented.mmp:3: 'qed::': a step begins in column 1"),
    ("prove w_circle.mmp -o OUT", 2, "w_circle.mmp:3: steps go in a circle: step 2, which uses step 4, which uses"),
    ("prove w_twomarks.mmp -o OUT", 2, "w_twomarks.mmp:5: '??' is no label"),
    # what is wrong is named with its place, and does not keep the rest from being filled
    ("prove frag_badhyp.mm -o OUT", 2, "frag_badhyp.mm:4: the hypothesis `u.1` of `u` does not follow"),
    ("prove frag_oneparse.mm -o OUT", 1, "bad: not proved; frag_oneparse.mm:2: the statement of `bad`"),
    ("prove unparsed_one.mm -o OUT", 1, "unpo: not proved; unparsed_one.mm:71: the statement of `unpo`"),
    ("prove -d unparsed_one.mm unp", 2, "unparsed_one.mm:69: unp is an axiom; the statement of `unp` does not follow"),
    ("prove -d unparsed_one.mm unpt", 2, "unparsed_one.mm:70: the statement of `unpt` does not follow"),
    ("prove -d unparsed_one.mm bx", 2, "unparsed_one.mm:73: bx is an axiom; the hypothesis `bx.1` of `bx`"),
    ("prove taken.mm -o OUT", 2, "taken.mm:1:1: a statement is labelled ax-1, which names an axiom of the database"),
    (
        "prove taken_hyp.mm -o OUT",
        2,
        "which names a hypothesis of the database; choose a label that is free, such as x1.1",
    ),
    ("prove frag_include.mm -o OUT", 2, "the source must be one file; `check --root FOLDER` reads includes"),
    ("prove ./", 2, "is a folder"),
    ("prove /dev/null", 2, "is no regular file"),
    ("prove -- '|-'", 2, "'|-' is no whole statement, but one symbol"),
]


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One cache for all rows, so that what a database costs once is paid once."""
    return str(tmp_path_factory.mktemp("cache"))


def ended(command: str, cache: str, folder: Path) -> tuple[int | None, str]:
    """The status of a command and what it printed; the test fails if it has not ended after `SECONDS`."""
    printed = folder / "printed"
    arguments = [word.replace("OUT", str(folder / "out")) for word in shlex.split(command)]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=case_process.run, args=(arguments, cache, str(CASES), str(printed)))
    process.start()
    process.join(SECONDS)
    if process.exitcode is None:
        process.kill()
        process.join()
        pytest.fail(f"'metadream {command}' has not ended after {SECONDS:.0f} s")
    return process.exitcode, printed.read_text(errors="backslashreplace")


@pytest.mark.parametrize(("command", "status", "said"), ROWS, ids=[row[0] for row in ROWS])
def test_case(command: str, status: int, said: str, shared_cache: str, tmp_path: Path) -> None:
    found, text = ended(command, shared_cache, tmp_path)
    assert found == status and said in text, text


FEEDS = {  # by kind of file, commands that read it
    ".mmp": ["prove {} -o OUT --expansions 200"],
    ".mm": ["check {}", "tasks -d {}", "prove {} -o OUT --expansions 200"],
    ".asm": ["asm {} -o OUT"],
    ".json": ["bench stitch --corpus {} --no-rival"],
}
NAMED = {(row[0].split()[0], word) for row in ROWS for word in shlex.split(row[0])}  # verbs and their files
FED = [
    command.format(file)
    for path in sorted(CASES.rglob("*"))
    if path.is_file()
    for command in FEEDS[path.suffix]
    if (command.split()[0], file := str(path.relative_to(CASES))) not in NAMED
]


@pytest.mark.parametrize("command", FED)
def test_every_case_ends_in_order(command: str, shared_cache: str, tmp_path: Path) -> None:
    """No file of `CASES` hangs a command that reads it, or ends it as our own fault."""
    status, text = ended(command, shared_cache, tmp_path)
    assert status in (0, 1, 2) and "internal error" not in text, text
    assert status != 2 or any(line.startswith("error: ") for line in text.splitlines()), text
