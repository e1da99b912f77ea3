"""What mkdocs needs to show the repository's Markdown as it is on GitHub.

Pages that stand outside ``docs/`` are added, and so are the decisions and whatever page ``nav`` does not name. Links
between files of the repository become links between pages. Python-Markdown wants a blank line before a list and four
spaces before an inner one; GitHub does not, so the pages do without them.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
PAGES += ["benchmarks/README.md", "tests/README.md"]
FILES = ["CITATION.cff", "LICENSE-APACHE", "LICENSE-MIT"]
STANDS_FOR = {"README.md": "docs/index.md", "docs/decisions": "docs/decisions/index.md"}
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"(^ *```.*?^ *```|`[^`\n]*`)", re.DOTALL | re.MULTILINE)
LIST = re.compile(r"( *)(?:[-*]|\d+\.) ")


def title(path: Path) -> str:
    """The first heading of a page."""
    return path.read_text().partition("\n")[0].removeprefix("# ")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name the decisions, and pages that are not named yet, in the navigation."""
    docs = Path(config.docs_dir)
    decisions = sorted((docs / "decisions").glob("[0-9]*.md"))
    named = str(config.nav)
    found: dict[str, list[dict[str, Any]]] = {
        name: items for section in config.nav or [] for name, items in section.items()
    }
    for path in sorted(docs.glob("*.md")):
        if f"'{path.name}'" not in named:
            found["Reference"].append({title(path): path.name})
    found["Developing"].append({"Decisions": "decisions/index.md"})
    config.extra["decisions"] = decisions
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what stands outside ``docs/``, and a list of the decisions."""
    for name in [*PAGES, *FILES]:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    lines = ["# Decisions", "", "What was tried and decided: context, options, figures of that day, decision.", ""]
    lines += [f"- [{path.stem[:4]}: {title(path)}]({path.name})" for path in config.extra["decisions"]]
    files.append(File.generated(config, "decisions/index.md", content="\n".join(lines)))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """The page's text for Python-Markdown, its links between pages."""
    uri = page.file.src_uri
    outside = uri in PAGES
    here = uri if outside else f"docs/{uri}"

    def between(match: re.Match[str]) -> str:
        name, hash_, heading = match[1].partition("#")
        if re.match(r"[a-z]+:", name) or not name:
            return match[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), name))
        target = STANDS_FOR.get(target, target).removeprefix("docs/")
        return f"]({posixpath.relpath(target, posixpath.dirname(uri) or '.')}{hash_}{heading})"

    pieces = CODE.split(markdown)
    text = "".join(bars(piece) if i % 2 else LINK.sub(between, piece) for i, piece in enumerate(pieces))
    return lists(text)


def bars(code: str) -> str:
    """GitHub wants a bar within code in a table escaped; Python-Markdown shows the backslash."""
    return code.replace("\\|", "|") if "\n" not in code else code


def lists(text: str) -> str:
    """Blank lines before lists, and inner lists four spaces in."""
    out: list[str] = []
    fenced = inside = False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        found = None if fenced else LIST.match(line)
        if found and not inside and out and out[-1].strip():
            out.append("")
        if found:
            inside = True
        elif not fenced and line and not line.startswith(" "):
            inside = False
        indent = len(line) - len(line.lstrip(" "))
        out.append(" " * (2 * indent if found and indent in (2, 3) else indent) + line[indent:] if not fenced else line)
    return "\n".join(out)
