"""metamath-exe's ``MINIMIZE_WITH *`` on a list of theorems: ``python -m figures.minimize DATABASE LABELS LOG``.

LOG keeps what metamath-exe printed, theorem by theorem, so that a call that was stopped goes on with the next theorem.
Prints one JSON object: how many were asked for, and of each that is finished the bytes of its compressed proof (labels,
letters, parentheses, white space as single blanks) before and after, and processor seconds as metamath-exe counts them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

MINIMIZE = "minimize_with * /allow_new_axioms * /no_new_axioms_from ax-* /time"
BATCH = 10  # theorems a process: reading set.mm takes a second


def paths(*names: str) -> list[Path]:
    """Where `metadream data get` keeps databases and the verifier."""
    done = subprocess.run(["metadream", "data", "get", *names, "--json"], capture_output=True, check=True)
    return [Path(entry["path"]) for entry in json.loads(done.stdout)["data"]]


def minimize(exe: Path, database: Path, labels: list[str], log: Path) -> None:
    """Run metamath-exe on the theorems that the log does not hold yet."""
    done = finished(log)
    todo = [label for label in labels if label not in done]
    for start in range(0, len(todo), BATCH):
        commands = ["set scroll continuous", f"read {database.name}"]
        for label in todo[start : start + BATCH]:
            commands += [f"prove {label}", "show new_proof /compressed", MINIMIZE, "show new_proof /compressed"]
            commands.append("_exit_pa /force")
        with log.open("ab") as output:
            subprocess.run(
                [exe, *commands, "exit /force"],
                cwd=database.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                check=True,
            )


def finished(log: Path) -> dict[str, dict[str, float]]:
    """What metamath-exe's output says of each theorem that it finished."""
    found: dict[str, dict[str, float]] = {}
    if not log.exists():
        return found
    for part in log.read_text(errors="replace").split("MM> prove ")[1:]:
        seconds = re.search(r'MINIMIZE_WITH run time =\s+([\d.]+) sec for "', part)
        proofs = re.findall(r"-+Clip out the proof below this line.*?\n(.*?)\n-+The proof of", part, re.DOTALL)
        if seconds is None or len(proofs) != 2:
            continue
        before, after = map(proof_bytes, proofs)
        found[part.split(None, 1)[0]] = {"before": before, "after": after, "cpu_s": float(seconds[1])}
    return found


def proof_bytes(text: str) -> int:
    """Labels and parentheses with a blank behind each, and letters."""
    words = text.replace("$.", "").split()
    end = words.index(")")
    return sum(len(word) + 1 for word in words[: end + 1]) + sum(map(len, words[end + 1 :]))


def main() -> int:
    """Read the command line, run, print."""
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    name, labels, log = sys.argv[1], Path(sys.argv[2]).read_text().split(), Path(sys.argv[3])
    database, exe = paths(name, "metamath")
    minimize(exe, database, labels, log)
    wanted = set(labels)
    rows = {label: row for label, row in finished(log).items() if label in wanted}
    print(json.dumps({"asked": len(labels), "finished": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
