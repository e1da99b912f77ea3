"""A lemma's comment: whole sentences that say what it states, with set.mm's markup for formulas and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

LIKE = 0.4  # likeness from which on the nearest theorem is worth a look
LONGEST = 64  # letters of a formula that stands in a comment; no line may part one
TOGETHER = 240  # letters of all formulas in it


def describe(row: Mapping[str, Any]) -> str:
    """Sentences that say what the lemma states and, where there is one, which theorem is most like it.

    `row` is one of `Proposals.rows`, its `tree` decoded. "Deduction form of ~ x ." and the like are said only of a
    lemma that says in another form exactly what x says.
    """
    if row["form_of"]:
        return f"{row['form_of'].capitalize()} form of ~ {row['variant_of']} ."
    if row["twin"]:
        return f"Version of ~ {row['nearest']} with {row['twin']} disjoint variable conditions."
    near = row["nearest"] if row["nearest"] and row["likeness"] >= LIKE else None
    return f"{_stated(row)} Compare ~ {near} ." if near else _stated(row)


def _stated(row: Mapping[str, Any]) -> str:
    """What the lemma states; formulas that are too long for a comment are not spelled out."""
    conclusion, hypotheses = row["tree"]["conclusion"], row["tree"]["hypotheses"]
    implication = row["implication"]
    if row["deduction"] and hypotheses:
        antecedent, goal = conclusion["parts"]
        given = [_without(h, antecedent["text"], implication) for h in hypotheses]
        form, verb, pattern = "deduction", "Deduce a", "Deduce {goal} from {given} ."
    elif hypotheses:
        goal, given = conclusion, [h["text"] for h in hypotheses]
        form, verb, pattern = "inference", "Infer a", "Infer {goal} from {given} ."
    elif implication and conclusion["syntax"] == implication:
        left, goal = conclusion["parts"]
        given, form, verb, pattern = [left["text"]], "theorem", "A", "If {given} , then {goal} ."
    else:
        goal, given, form, verb, pattern = conclusion, [], "theorem", "A", "The statement {goal} holds."
    if max(map(len, given), default=0) > LONGEST or sum(map(len, given)) + len(goal["text"]) > TOGETHER:
        count = f"{len(given)} hypotheses" if len(given) > 1 else "a hypothesis"
        pattern = f"{verb.split()[0]} {{goal}} from {count}." if hypotheses else "A condition for {goal} ."
    if len(goal["text"]) > LONGEST:
        about = [part["text"] for part in goal["parts"] if len(part["text"]) <= LONGEST and part["parts"]]
        if not about:
            return f"A frequently used {form}."
        return f"{verb} property of {_math(about[0])} ."
    return pattern.format(goal=_math(goal["text"]), given=_listed([_math(f) for f in given]))


def _without(tree: Mapping[str, Any], antecedent: str, implication: str | None) -> str:
    """A hypothesis without the antecedent of the deduction, if it has that."""
    if implication and tree["syntax"] == implication and tree["parts"][0]["text"] == antecedent:
        return str(tree["parts"][1]["text"])
    return str(tree["text"])


def _math(formula: str) -> str:
    return "` " + formula.replace("`", "``") + " `"


def _listed(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return " , ".join(items[:-1]) + (" , and " if len(items) > 2 else " and ") + items[-1]
