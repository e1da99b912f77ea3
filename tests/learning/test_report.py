"""The report: whole, offline, and harmless whatever the labels say."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fake_core import FakeCore, using

from metadream.metamath_db.errors import InputError
from metadream.wake_sleep.loop.cycle import learn
from metadream.wake_sleep.report.chart import line_chart, ticks
from metadream.wake_sleep.report.report import _lengths, grid, report, text
from metadream.wake_sleep.runs.folder import Folder

VOID = {"meta", "link", "br", "line", "circle", "polyline"}


class Balanced(HTMLParser):
    """Collects tags, and fails on one that is not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID - {"circle"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID or self.open[-1] == tag:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
@using(FakeCore())
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("report")
    database = root / "<img src=x onerror=alert(1)>.mm"
    database.write_text("")
    folder = root / "run <b>&"
    learn(database=str(database), run=folder, cycles=3, seed=1, expansions=100)
    (folder / "report.html").unlink()
    return report(folder, None).read_text()


def test_page_is_whole_and_offline(page: str) -> None:
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert parser.tags.count("svg") == 3  # solved, pass rate, description length
    assert "script" not in parser.tags
    assert not re.search(r"https?://|src=[\"']|@import|url\(", page.replace("src=x", ""))


def test_foreign_text_is_escaped(page: str) -> None:
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "run &lt;b&gt;&amp;" in page


def test_page_shows_curves_library_and_a_proof(page: str) -> None:
    assert "with the library: 38 tasks" in page
    assert "without it: 9 tasks" in page
    assert "<mark>md3</mark>" in page
    assert "30 lines with primitives" in page
    assert page.count("library_sha256") == 1


def test_text_and_cells() -> None:
    assert text("a\x1b[31m<&\"'>\u202e") == "a [31m&lt;&amp;&quot;&#x27;&gt; "
    assert grid(["n"], [[None], [1], [0.5]]).count('class="n"') == 3
    assert grid([], []) != ""


def test_chart_of_odd_data() -> None:
    assert ticks(0) == [0.0, 1.0]
    assert ticks(318)[-1] >= 318
    assert "polyline" in line_chart("t", [1], [("a", [5]), ("b", [None])], "u")


def test_no_run_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a run's folder"):
        report(tmp_path, None)
    Folder(tmp_path).config.write_text("schema = 1\n")
    with pytest.raises(InputError, match="log of the run's files is missing"):
        report(tmp_path, None)


def test_page_says_what_the_library_is_worth(page: str) -> None:
    for said in (
        "points gained",
        "tasks lost",
        "proofs owing steps to skeletons",
        "Description length, cycle by cycle",
    ):
        assert said in page


def test_lengths_fall() -> None:
    lengths = {"description_length_unfolded": 200, "description_unit": "steps"}
    first = {"cycle": 1, "description_length": 180, **lengths}
    second = {"cycle": 2, "description_length": 150, **lengths}
    shown = _lengths([first, second])
    assert "-30" in shown and "25.00" in shown  # against the cycle before; of all unfolded
