"""`metadream shorten` beside metamath-exe's ``MINIMIZE_WITH *`` on the same seeded sample of theorems.

    python benchmarks/minimize.py FOLDER [--database set] [--theorems 200] [--seed 1] [--seconds S]

FOLDER keeps what metamath-exe printed, theorem by theorem, the short proofs first, so that a run that was cut off
(--seconds) goes on where it stopped; what it has not finished is left out of both sides and counted. Times are
processor seconds, as both programs count them. Bytes are those of the compressed proof, labels and letters, white space
not counted.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

from metadream import _core
from metadream.metamath_db.core import load_theory
from metadream.metamath_db.data import find_metamath_exe, resolve_database
from metadream.metamath_db.judges.outside import with_comments

MINIMIZE = "minimize_with * /allow_new_axioms * /no_new_axioms_from ax-* /time"
BATCH = 10  # theorems a process: reading set.mm takes a second


def sample(database: Path, count: int, seed: int) -> list[str]:
    """Theorems whose proofs may be changed, a seeded choice, the shortest proof first."""
    theory = load_theory(database)
    lengths = dict(zip(theory.theorems(), theory.proof_lengths().tolist(), strict=True))
    labels = sorted(_core.Shortener(theory, {"share_only": True}).theorems())
    chosen = random.Random(seed).sample(labels, min(count, len(labels)))
    return sorted(chosen, key=lambda label: (lengths[label], label))


def minimize(exe: Path, database: Path, labels: list[str], log: Path, until: float) -> None:
    """Run metamath-exe on the theorems that the log does not hold yet."""
    done = set(figures(log)) if log.exists() else set()
    todo = [label for label in labels if label not in done]
    for start in range(0, len(todo), BATCH):
        left = until - time.monotonic()
        if left <= 0:
            return
        commands = ["set scroll continuous", f"read {database.name}"]
        for label in todo[start : start + BATCH]:
            commands += [f"prove {label}", "show new_proof /compressed", MINIMIZE, "show new_proof /compressed"]
            commands.append("_exit_pa /force")
        commands.append("exit /force")
        with log.open("ab") as output:
            try:
                subprocess.run(
                    [exe, *commands], cwd=database.parent, stdin=subprocess.DEVNULL, stdout=output, timeout=left
                )
            except subprocess.TimeoutExpired:
                return


def figures(log: Path) -> dict[str, tuple[int, int, float]]:
    """From metamath-exe's output: theorem -> bytes before, bytes after, processor seconds."""
    found: dict[str, tuple[int, int, float]] = {}
    text = log.read_text(errors="replace")
    for part in text.split("MM> prove ")[1:]:
        label = part.split(None, 1)[0]
        seconds = re.search(r'MINIMIZE_WITH run time =\s+([\d.]+) sec for "', part)
        proofs = re.findall(r"-+Clip out the proof below this line.*?\n(.*?)\n-+The proof of", part, re.DOTALL)
        if seconds is None or len(proofs) != 2:
            continue
        before, after = (proof_bytes(proof.removesuffix("$.").strip()) for proof in proofs)
        found[label] = (before, after, float(seconds[1]))
    return found


def proof_bytes(text: str) -> int:
    """Labels and parentheses with one space each, and letters."""
    words = text.replace("$.", "").split()
    end = words.index(")")
    return sum(len(word) + 1 for word in words[: end + 1]) + sum(map(len, words[end + 1 :]))


def ours(database: Path, labels: list[str], effort: int) -> tuple[dict[str, tuple[int, int]], float]:
    """Theorem -> bytes before and after by `Shortener`, and the processor seconds of this process."""
    theory = load_theory(database)
    start = resource.getrusage(resource.RUSAGE_SELF)
    shortener = _core.Shortener(theory, {"effort": effort})
    rows = {row["label"]: (row["before"]["bytes"], row["after"]["bytes"]) for row in shortener.shorten(labels, 1)}
    end = resource.getrusage(resource.RUSAGE_SELF)
    return rows, end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime


def main() -> int:
    """Compare, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--database", default="set")
    parser.add_argument("--theorems", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="for metamath-exe")
    parser.add_argument("--effort", type=int, default=512, help="for metadream")
    given = parser.parse_args()
    exe = find_metamath_exe()
    if exe is None:
        print("metamath-exe is not there; 'metadream data get metamath' fetches it", file=sys.stderr)
        return 2
    given.folder.mkdir(parents=True, exist_ok=True)
    database = resolve_database(given.database)
    labels = sample(database, given.theorems, given.seed)
    log = given.folder / f"minimize-{given.database}-{given.seed}-{given.theorems}.txt"
    source = with_comments(database.read_bytes())
    if source is None:
        print("this database is not accepted; see 'metadream check'", file=sys.stderr)
        return 2
    copy = given.folder / "source.mm"
    copy.write_bytes(source.text)
    minimize(exe, copy, labels, log, time.monotonic() + given.seconds)
    theirs = {label: row for label, row in figures(log).items() if label in set(labels)}
    compared = [label for label in labels if label in theirs]
    rows, seconds = ours(database, compared, given.effort)
    before = sum(theirs[label][0] for label in compared)
    saved = sum(theirs[label][0] - theirs[label][1] for label in compared)
    own = sum(b - a for b, a in rows.values())
    worse = {
        label: [theirs[label][0] - theirs[label][1], rows[label][0] - rows[label][1] if label in rows else 0]
        for label in compared
        if theirs[label][0] - theirs[label][1] > (rows[label][0] - rows[label][1] if label in rows else 0)
    }
    result = {
        "theorems": len(compared),
        "not_finished_by_metamath_exe": len(labels) - len(compared),
        "bytes": before,
        "saved": {"metamath_exe": saved, "metadream": own},
        "changed": {"metamath_exe": sum(theirs[x][0] > theirs[x][1] for x in compared), "metadream": len(rows)},
        "seconds": {"metamath_exe": sum(theirs[label][2] for label in compared), "metadream": seconds},
        "saved_less_by_metadream": worse,
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
