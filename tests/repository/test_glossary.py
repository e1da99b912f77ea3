"""The glossary keeps its promise: what a page sets in italics to explain it has an entry, or stands in one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
PAGES = ["bounds", "examples", "formats", "index", "inference", "isa", "proposer", "prove", "workspace"]
PLAIN = {
    "gen",
    "inst",
    "near",
    "cite",
    "refute",
    "waits",
    "halted",
    "on the spot",
    "under the bindings",
}  # explained on the spot, used nowhere else


def explained(text: str) -> set[str]:
    """Words in italics, outside code."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.M | re.S)
    return {word.lower() for word in re.findall(r"(?<![*\w])\*([A-Za-z][A-Za-z -]{1,30})\*(?![*\w])", text)}


def has(glossary: str, word: str) -> bool:
    """Whether a glossary says the word, or its singular."""
    return re.search(rf"\b{re.escape(word.removesuffix('s'))}s?\b", glossary, re.I) is not None


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_explains_is_in_the_glossary(page: str) -> None:
    words = explained((ROOT / "docs" / f"{page}.md").read_text()) - PLAIN
    assert [word for word in sorted(words) if not has(GLOSSARY, word)] == []


def test_a_missing_word_is_seen() -> None:
    assert explained("A *new thing* is `*code*`, **bold**.") == {"new thing"}
    assert has("| closure fact |", "closure facts")
    assert not has("| closure fact |", "new thing")


def test_each_term_has_one_entry() -> None:
    rows = re.findall(r"^\| ([^|]+?) \|", GLOSSARY, re.M)
    terms = [term for row in rows if row != "term" for term in row.split(", ")]
    assert {term for term in terms if terms.count(term) > 1} <= {"head"}  # of the machine, and of a log
