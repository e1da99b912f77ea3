"""Links between the repository's pages lead to files and headings that are there."""

import re
import subprocess
from pathlib import Path

import pytest

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^( *)```.*?^\1```|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def anchors(text: str) -> set[str]:
    """What GitHub calls the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken(page: Path) -> list[str]:
    """The links of a page, to others of the repository, that lead nowhere."""
    wrong = []
    for link in LINK.findall(CODE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, heading = link.partition("#")
        target = (page.parent / name) if name else page
        if not target.exists() or (heading and heading not in anchors(target.read_text())):
            wrong.append(link)
    return wrong


def test_links_lead_somewhere(root: Path) -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    names = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout.split()
    found = {name: broken(root / name) for name in names if (root / name).is_file()}
    assert {name: links for name, links in found.items() if links} == {}


@pytest.mark.parametrize(
    ("link", "wrong"),
    [
        ("other.md", False),
        ("other.md#two-words", False),
        ("#here", False),
        ("https://example.org/x", False),
        ("gone.md", True),
        ("other.md#three-words", True),
        ("#there", True),
    ],
)
def test_a_broken_link_is_seen(tmp_path: Path, link: str, wrong: bool) -> None:
    (tmp_path / "other.md").write_text("# Two words\n")
    page = tmp_path / "page.md"
    page.write_text(f"# Here\n\nSee [this]({link}), and `code](gone)`.\n")
    assert broken(page) == ([link] if wrong else [])
