"""The pages as a site, and the Python of the tutorials; `test_documented_commands.py` runs their commands."""

import doctest
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = re.compile(r"^\$ cat > (\S+) <<'END'\n(.*?)^END$", re.DOTALL | re.MULTILINE)  # a file that a reader writes
TUTORIALS = sorted((ROOT / "docs").glob("for-*.md"))


def build(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """What `make docs` does, into a folder of the test."""
    command = [sys.executable, "-P", "-B", "-m", "mkdocs", "build", "--site-dir", str(site)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    pages |= {Path(name) for name in ("BENCHMARKS.html", "CONTRIBUTING.html", "decisions/index.html")}
    assert {page for page in pages if not (site / page).is_file()} == set()


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    loaded = re.compile(
        r"<(?:script|img|iframe|source)[^>]*src=[\"']?(?:https?:)?//|<link[^>]*href=[\"']?(?:https?:)?//"
    )
    styled = re.compile(r"url\([\"']?(?:https?:)?//|@import")
    assert [path.name for path in site.rglob("*.html") if loaded.search(path.read_text())] == []
    assert [path.name for path in site.rglob("*.css") if styled.search(path.read_text())] == []


def test_links_are_between_pages(site: Path) -> None:
    links = re.findall(r'href="([^"#:]+)[#"]', (site / "for-provers.html").read_text())
    assert "BENCHMARKS.html" in links
    assert [link for link in links if not (site / link).exists()] == []


def test_a_broken_link_fails(tmp_path: Path) -> None:
    for name in ("docs", "benchmarks", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=lambda _, names: [n for n in names if "results" in n])
    for path in [*ROOT.glob("*.md"), *ROOT.glob("LICENSE*"), ROOT / "CITATION.cff", ROOT / "mkdocs.yml"]:
        shutil.copy(path, tmp_path)
    with (tmp_path / "docs" / "index.md").open("a") as page:
        page.write("\nSee [this](gone.md).\n")
    done = build(tmp_path, tmp_path / "site")
    assert done.returncode != 0
    assert "gone.md" in done.stderr


def hooks() -> Any:
    spec = importlib.util.spec_from_file_location("site_hooks", ROOT / "docs" / "theme" / "hooks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a\n- b\n- c\nd", "a\n\n- b\n- c\nd"),
        ("a\n\n- b\n  - c", "a\n\n- b\n    - c"),
        ("- b\n  c\n- d", "- b\n  c\n- d"),
        ("a\n```\n- b\n```", "a\n```\n- b\n```"),
    ],
)
def test_lists_are_read_as_on_github(text: str, read: str) -> None:
    assert hooks().lists(text) == read


def test_bars_in_tables_are_shown_as_such(site: Path) -> None:
    page = (site / "glossary.html").read_text()
    assert "<code>|-</code>" in page
    assert "\\|" not in page


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_the_python_of_a_tutorial_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for file, written in HERE.findall(page.read_text()):
        (tmp_path / file).write_text(written)
    text = "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text(), re.M | re.S))
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert len(test.examples) > 3
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert said == []
