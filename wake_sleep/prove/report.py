"""What became of a search, for people: what was proved, what was tried, where it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from metadream.metamath_db.terminal.counted import counted
from metadream.metamath_db.terminal.foreign_text import plain
from metadream.wake_sleep.prove.files import grounds

WHY = {
    "solved": "proved",
    "budget": "the expansions are used up",
    "time": "the seconds are used up",
    "exhausted": "nothing is left to try",
    "false": "it is false, so nothing was searched",
    "memory": "the bound on memory was hit",
    "misfit": "a proof was found that breaks a $d condition",
    "refused": "a judge refused the proof",
    "premise": "it rests on a theorem that is not proved",
    "many": "more open steps than one run fills; give it what was written",
    "unknown": "nothing says what is to be proved here",
}
SHOWN = 8  # open goals of a partial proof
NODES_SHOWN = 12  # of a content program
NODE_WIDTH = 140  # letters of a node that are shown
SEEN = "the model has seen a proof of this, so that it is found says nothing about unseen theorems"


def frontier(found: str | None) -> dict[str, Any] | None:
    """A search's frontier as in the answer: cost in nats, steps of the cheapest partial proof, its open goals."""
    if found is None:
        return None
    data = json.loads(found)
    steps = sum(not label.startswith("open:") for label, _ in data["steps"])
    return {"nats": data["nats"], "steps": steps, "open": data["open"]}


def effort(data: Mapping[str, Any]) -> str:
    """How it ended and what it took."""
    how = WHY.get(data["reason"], data["reason"])
    return f"{how}; {counted(data['expansions'], 'expansion')}, {data['seconds']:.2f} s"


def shorter(made: Mapping[str, Any] | None, indent: str) -> list[str]:
    """The remark on a proof that was made shorter."""
    if made is None or made["bytes"][0] == made["bytes"][1]:
        return []
    (steps, fewer), (before, after) = made["steps"], made["bytes"]
    return [f"{indent}made shorter: {steps} to {counted(fewer, 'step')}, {before} to {after} bytes"]


def decided(content: Mapping[str, Any] | None, indent: str) -> list[str]:
    """The first nodes of a proof's content program."""
    if content is None:
        return []
    lines, count = content["text"].splitlines(), content["decisions"]
    shown = [line if len(line) <= NODE_WIDTH else f"{line[: NODE_WIDTH - 4]} ..." for line in lines[:NODES_SHOWN]]
    left = len(lines) - len(shown)
    more = [f"... and {left} more nodes; --json gives them, --output writes them"] if left else []
    said = f"decided by {counted(count, 'choice')}:" if count else "no choices; it follows by:"
    return [f"{indent}{line}" for line in (said, *(f"  {line}" for line in (*shown, *more)))]


def proposed(made: Mapping[str, Any] | None) -> list[str]:
    """The remark on a proposer that was asked."""
    if made is None:
        return []
    return [f"proposer {plain(made['name'])}: asked about {made['calls']} goals, {made['seconds']:.2f} s"]


def knows(share: float | None) -> list[str]:
    """The remark on a model that does not know all statements."""
    if share is None or share == 1:
        return []
    known = min(share, 0.9999) * 100
    return [f"note: the model knows {known:.2f} % of the database's statements; others are ranked by what they say"]


def one(data: Mapping[str, Any], remark: str | None = None) -> str:
    """The answer for a label or a statement; `remark`: on how the target was taken."""
    if data["proved"]:
        took = f"{counted(data['steps'], 'step')}; {counted(data['expansions'], 'expansion')}, {data['seconds']:.2f} s"
        lines = [f"{data['target']}: proved and accepted by both judges ({took})"]
        for i, (label, children) in enumerate(data["proof"]["steps"]):
            lines.append(f"  {i + 1:>4}  {label}  {' '.join(str(child + 1) for child in children)}".rstrip())
        lines += [*shorter(data["minimised"], "  "), *decided(data["content"], "  ")]
    else:
        said = f": {data['message']}" if data["message"] else ""
        lines = [f"{data['target']}: not proved ({effort(data)}{said})"]
        lines += [f"  counterexample: {data['counterexample']['text']}"] if data["counterexample"] else []
        lines += _stands(data["frontier"], "  ")
    lines += [*grounds.said(data), *grounds.unread_lines(data["unparsed"])]
    lines.append(f"taken as a {data['taken_as']}" + (f"; {remark}" if remark else ""))
    if data["seen"]:
        lines.append(f"note: {SEEN} ('{plain(data['seen_as'])}')")
    lines += [*proposed(data["proposer"]), *knows(data["model_knows"])]
    if data["answer"]:
        lines.append(f"answer: {data['answer']}")
    if data["drawing"]:
        lines.append(f"drawing: {data['drawing']}")
    return "\n".join(lines)


def file(data: Mapping[str, Any]) -> str:
    """The answer for a file."""
    lines = [line for theorem in data["theorems"] for line in _theorem(theorem)]
    for row in data["unasked"]:
        place = f"{row['file']}:{row['line']}"
        lines.append(f"{plain(row['label'])}: not proved; {plain(place)}: {plain(row['why'])}")
    remarks = [*knows(data["model_knows"]), *grounds.unread_lines(data["unparsed"])]
    return "\n".join([*lines, *remarks, f"taken as a {data['taken_as']}"])


def _theorem(theorem: Mapping[str, Any]) -> list[str]:
    asked = theorem["filled"] + theorem["open"]
    how = "proved and accepted by both judges" if theorem["proved"] else "not proved"
    filled = f"{theorem['filled']} of {asked} open steps filled" if asked else "no open steps"
    lines = [f"{theorem['label']}: {how}; {filled} ({effort(theorem)})"]
    if theorem["counterexample"]:
        lines.append(f"  counterexample: {theorem['counterexample']['text']}")
    if theorem["seen"]:
        lines.append(f"  note: {SEEN}")
    lines += [f"  {line}" for line in grounds.said(theorem)]
    if theorem["message"] and not theorem["proved"] and not theorem["open"]:
        lines.append(f"  {theorem['message']}")
    for goal in theorem["goals"]:
        mark = "filled" if goal["filled"] else "open"
        for name, formula in zip(goal["steps"], goal["formulas"], strict=True):
            lines.append(f"  {mark:<6}  step {name}  {formula}")
        lines += shorter(goal["minimised"], "          ")
        if not goal["filled"]:
            lines.append(f"          stopped: {effort(goal)}; last tried {_from(goal['way'])}")
            lines += _stands(goal["frontier"], "          ")
    return [*lines, f"  written: {theorem['mm']}, {theorem['mmp']}"]


def _from(way: str) -> str:
    return "freely" if way == "freely" else f"from the {way}"


def _stands(found: Mapping[str, Any] | None, indent: str) -> list[str]:
    """Where a search stands: the cheapest partial proof's open goals, and what would come next there."""
    if found is None:
        return []
    if found["steps"] == 0 and len(found["open"]) == 1 and found["open"][0]["hopeless"]:
        return [f"{indent}hopeless: {plain(found['open'][0]['hopeless'])}"]
    to_go = "no hope of an end" if found["nats"] is None else f"{found['nats']:.1f} nats to go"
    lines = [f"{indent}cheapest partial proof: {counted(found['steps'], 'step')}, {to_go}; open there:"]
    for cluster in found["open"][:SHOWN]:
        goals = "  and  ".join(cluster["goals"])
        tried = (
            f"{cluster['tried']} of {cluster['fitting']} premises tried" if cluster["looked_at"] else "not looked at"
        )
        lines.append(f"{indent}  {goals}")
        expected = f"{cluster['nats']:.1f} nats expected" if cluster["nats"] is not None else "hopeless"
        why = f": {plain(cluster['hopeless'])}" if cluster["hopeless"] else ""
        lines.append(f"{indent}    {expected}{why}; {tried}{_best(cluster['premises'])}")
    if len(found["open"]) > SHOWN:
        lines.append(f"{indent}  and {len(found['open']) - SHOWN} more")
    return lines


def _best(premises: Sequence[Mapping[str, Any]]) -> str:
    if not premises:
        return ""
    return "; best: " + ", ".join(
        f"{p['label']}{_nats(p['nats'])}{'' if p['tried'] else ' (untried)'}" for p in premises
    )


def _nats(nats: float | None) -> str:
    return "" if nats is None else f" {nats:.1f}"
