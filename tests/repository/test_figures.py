"""Published figures: pages say none that BENCHMARKS.md does not hold, and that file is what the results give."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from figures import render, words
from figures.declare import Answers, Figure, Part, Table, Values
from figures.environment import machine, source
from figures.measure import Setting, measure_part
from figures.minimize import finished
from figures.parts import PARTS
from figures.parts.compressing import found_lemmas
from figures.result import Result, load, parse, save, text_of

UNITS = {
    "%": "%",
    "per cent": "%",
    "s": "s",
    "second": "s",
    "seconds": "s",
    "ms": "ms",
    "µs": "µs",
    "us": "µs",
    "minute": "min",
    "minutes": "min",
    "min": "min",
    "hour": "h",
    "hours": "h",
    "KiB": "KiB",
    "MB": "MB",
    "MiB": "MiB",
    "GB": "GB",
    "GiB": "GiB",
    "nats": "nats",
    "points": "points",
    "times": "times",
}
NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
WITH_UNIT = re.compile(rf"(?:({NUMBER}) ?(?:–|-|to) ?)?({NUMBER})[ \u00a0]?({UNIT})(?![\w%])")
OF = re.compile(rf"({NUMBER}) of ({NUMBER})")
CODE = re.compile(r"^( *)(```|~~~).*?^\1\2|`[^`\n]+(?:\n[^`\n]+)?`|<!--.*?-->", re.DOTALL | re.MULTILINE)


def plain(number: str) -> str:
    """A number without its commas."""
    return number.replace(",", "")


def figures_in(text: str) -> set[str]:
    """The figures of a page outside code: ``12.5 %``, ``3 s``, ``3 of 4``; of a range both ends."""
    text = " ".join(CODE.sub(" ", text).split())
    found = {f"{plain(a)} of {plain(b)}" for a, b in OF.findall(text)}
    for first, number, unit in WITH_UNIT.findall(text):
        found |= {f"{plain(x)} {UNITS[unit]}" for x in (first, number) if x}
    return found


def pages(root: Path) -> list[Path]:
    """README, ARCHITECTURE and the pages; decisions are dated records of trials."""
    docs = [path for path in sorted((root / "docs").rglob("*.md")) if "decisions" not in path.parts]
    return [root / "README.md", root / "ARCHITECTURE.md", *docs]


def not_held(text: str, benchmarks: str) -> list[str]:
    """The figures of a page that BENCHMARKS.md does not hold."""
    return sorted(figures_in(text) - figures_in(benchmarks))


def test_pages_say_no_figure_that_was_not_measured(root: Path) -> None:
    benchmarks = (root / "BENCHMARKS.md").read_text()
    wrong = {str(path.relative_to(root)): not_held(path.read_text(), benchmarks) for path in pages(root)}
    assert {page: found for page, found in wrong.items() if found} == {}, (
        "have it measured (benchmarks/README.md), say it without the figure, or write a setting as code"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It saves 12.5 % of them.", {"12.5 %"}),
        ("It proves 3 of 4 tasks", {"3 of 4"}),
        ("in 20 ms, 1.5 to 1.8 s", {"20 ms", "1.5 s", "1.8 s"}),
        ("0.3–0.5 s and 3 GB", {"0.3 s", "0.5 s", "3 GB"}),
        ("| 1,623 of 1,627 | 210\nMB |", {"1623 of 1627", "210 MB"}),
        ("3.2 points, 2.00 nats, 13 times, 40 minutes", {"3.2 points", "2.00 nats", "13 times", "40 min"}),
        ("a setting of `20 ms`, and\n```\nin 3 s\n```\n<!-- 4 s -->", set()),
        ("version 2, issue 2710, 318 statements, 3 signs", set()),
    ],
)
def test_a_figure_in_a_page_is_seen(text: str, found: set[str]) -> None:
    assert figures_in(text) == found
    assert not_held(text, "| 5 of 6 | 7 s |") == sorted(found)
    assert not_held(text, text) == []


def test_lemmas_that_people_added_are_found_by_what_they_state(tmp_path: Path) -> None:
    old = "$c ( ) -> |- wff class = ` e. _V $. $v ph A B C F $. a $a |- ( ph -> ( C ` A ) e. _V ) $.\n"
    new = "${ h $e |- A = ( F ` B ) $. m $p |- A e. _V $= ( s a ) A $. $} x $p |- ph $= ( s m a ) AB $.\n"
    (tmp_path / "old.mm").write_text(old)
    (tmp_path / "new.mm").write_text(old + new)
    fetched = json.dumps({"data": [{"path": str(tmp_path / "old.mm")}]})
    found = found_lemmas(Answers([fetched], [0], [0], tmp_path))
    rows = {row["name"]: (row["stated"], row["rank"], row["proofs"]) for row in found["rows"]}
    assert rows.pop("fvexi") == (False, 1, 1)
    assert rows.pop("fvexd") == (True, None, None)
    assert set(rows.values()) == {(False, None, None)}


def test_what_metamath_exe_prints_of_a_theorem_is_read(tmp_path: Path) -> None:
    proof = 'Proof of "x":\n---------Clip out the proof below this line to put it in the source file:\n    {} $.\n'
    proof += '---------The proof of "x" (9 bytes) ends above this line.\nMM-PA> '
    before, after = proof.format("( wn wo ) BA\n   BC"), proof.format("( wn ) A")
    said = f'MM> prove x\n{before}minimize_with *\nMINIMIZE_WITH run time =    4.91 sec for "x"\n{after}\n'
    log = tmp_path / "log"
    log.write_text(said + f"MM> prove unfinished\n{before}minimize_with *\n")
    assert finished(log) == {"x": {"before": 14, "after": 8, "cpu_s": 4.91}}


# BENCHMARKS.md and the README's tables


def test_benchmarks_are_what_the_results_give(root: Path) -> None:
    results = render.all_results(root)
    assert (root / "BENCHMARKS.md").read_text() == render.benchmarks(root, results), "make figures PART=none"
    readme = (root / "README.md").read_text()
    assert readme == render.readme(readme, results), "make figures PART=none"
    assert {block[2] for block in render.BLOCK.finditer(readme)} == render.BLOCKS.keys()


def test_another_result_gives_other_pages(root: Path) -> None:
    results = render.all_results(root)
    before = render.benchmarks(root, results), render.readme((root / "README.md").read_text(), results)
    starter = results["demo"][0]
    cycles = [{**cycle, "solved": cycle["solved"] + 1} for cycle in starter.values["cycles"]]
    results["demo"] = [replace(starter, values={"cycles": cycles})]
    assert render.benchmarks(root, results) != before[0]
    assert render.readme((root / "README.md").read_text(), results) != before[1]


def test_a_result_that_is_declared_nowhere_is_refused(root: Path) -> None:
    results = render.all_results(root)
    results["demo"] = [replace(results["demo"][0], id="gone")]
    with pytest.raises(ValueError, match="gone is declared nowhere"):
        render.benchmarks(root, results)


def test_results_name_no_place_of_their_machine(root: Path) -> None:
    for part in PARTS:
        for result in load(root / "benchmarks" / "results", part.name):
            for name in (r"/home/", r"/root/", r"/work/", r"/tmp/", rf"\b{re.escape(os.uname().nodename)}\b"):
                assert re.search(name, text_of(result)) is None, f"{result.part}/{result.name}: {name}"


def test_rows_of_the_readme_are_of_one_version(root: Path) -> None:
    results = render.all_results(root)
    rows = [row for part in PARTS for row in part.headlines(results[part.name])]
    assert len(rows) > 1
    newer = replace(rows[0].result, source_sha256="other", commit="f" * 40, date="2999-01-01")
    results[newer.part] = [newer if r == rows[0].result else r for r in results[newer.part]]
    assert newer.version() not in render.headlines(results)


def test_parts_and_figures_have_names_of_their_own() -> None:
    names = [f"{part.name}/{figure.id}" for part in PARTS for figure in part.figures]
    assert len(set(names)) == len(names)
    assert "none" not in {part.name for part in PARTS}


@pytest.mark.parametrize(
    ("time_s", "text"), [(None, "–"), (0.0001234, "123 µs"), (0.02, "20.0 ms"), (1.5, "1.50 s"), (75.4, "75.4 s")]
)
def test_times_have_three_digits(time_s: float | None, text: str) -> None:
    assert words.seconds(time_s) == text


# Measuring


def one(answers: Answers) -> Values:
    return answers.json()


def tables(results: object) -> list[Table]:
    return []


def part_of(*commands: str, tasks: int | None = None, needs: tuple[str, ...] = ()) -> Part:
    return Part("toy", "Toy", "Counts.", (Figure("one", commands, one, 1, needs, tasks),), tables)


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    """A checkout without git, whose only source is cli.py."""
    (tmp_path / "cli.py").write_text("1\n")
    return Setting(tmp_path, tmp_path / "results", tmp_path / "work", tmp_path / "data", os.environ["PATH"])


def results_of(setting: Setting) -> list[Result]:
    return load(setting.results, "toy")


def test_a_figure_is_measured_once_for_each_source_command_and_machine(setting: Setting) -> None:
    counted = "echo >> ../../../runs; printf '{\"runs\": %d}' $(wc -l < ../../../runs)"
    for asked, runs in ((counted, 1), (counted, 1), (counted + " ", 2)):
        assert measure_part(setting, part_of(asked), set(), None, fresh=False) == []
        assert [result.values for result in results_of(setting)] == [{"runs": runs}]
    (setting.root / "cli.py").write_text("2\n")
    measure_part(setting, part_of(counted + " "), set(), None, fresh=False)
    assert results_of(setting)[0].values == {"runs": 3}
    [result] = results_of(setting)
    save(setting.results, replace(result, machine=replace(result.machine, cpu="another one")))
    for fresh, runs in ((False, 4), (True, 5)):
        measure_part(setting, part_of(counted + " "), set(), None, fresh=fresh)
        assert results_of(setting)[0].values == {"runs": runs}


def test_the_size_of_a_sample_is_part_of_its_result(setting: Setting) -> None:
    part = part_of("echo '{\"tasks\": {tasks}}'", tasks=760)
    for asked in (None, 5, 1000):
        measure_part(setting, part, set(), asked, fresh=False)
    assert {result.name: result.values["tasks"] for result in results_of(setting)} == {"one-760": 760, "one-5": 5}


@pytest.mark.parametrize("command", ["exit 3", "echo no JSON", "false | echo '{}'"])
def test_what_fails_leaves_the_result_as_it_was(setting: Setting, command: str) -> None:
    measure_part(setting, part_of("echo '{\"x\": 1}'"), set(), None, fresh=False)
    before = results_of(setting)
    assert len(measure_part(setting, part_of(command), set(), None, fresh=False)) == 1
    assert results_of(setting) == before


def test_data_that_is_not_there_is_named(setting: Setting) -> None:
    [line] = measure_part(setting, part_of("true", needs=("$DATA/minif2f",)), set(), None, fresh=False)
    assert "$DATA/minif2f is not there" in line


def test_a_stopped_measurement_leaves_no_process_and_no_result(setting: Setting) -> None:
    code = (
        "import sys; from pathlib import Path; from figures.measure import Setting, run\n"
        "root = Path(sys.argv[1]); setting = Setting(root, root, root / 'work', root, sys.argv[2])\n"
        "run(setting, 'sleep 60 & echo $! > child; wait', root)"
    )
    command = [sys.executable, "-c", code, str(setting.root), os.environ["PATH"]]
    package = str(Path(render.__file__).parent.parent)
    child = setting.root / "child"
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": package}, stderr=subprocess.PIPE) as process:
        while not (child.exists() and child.read_text().strip()):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    with pytest.raises(ProcessLookupError):
        for _ in range(200):
            os.kill(int(child.read_text()), 0)
            time.sleep(0.01)
    assert results_of(setting) == []


def test_a_result_is_read_as_it_was_written(setting: Setting) -> None:
    found = source(setting.root)
    assert (found.commit, found.dirty) == (None, False)
    written = Result("toy", "one", None, ("a",), {"x": 1.5}, None, False, "0", machine(), (0, 1), "2026-12-01", 1, 2)
    save(setting.results, written)
    assert results_of(setting) == [written]
    value = json.loads(text_of(written))
    with pytest.raises(ValueError, match="version 1"):
        parse(json.dumps({**value, "version": 2}))
