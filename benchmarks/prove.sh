#!/usr/bin/env bash
# The prover on unseen theorems: set.mm's splits (valid parts), all theorems before ax-gen, the other databases, and each
# part of the search left out. The folder keeps one answer a line of the table; what is there is not measured again.
# Whole: about 40 hours of one thread on set.mm. With a limit, the first LIMIT theorems of each part.
set -eu
folder=${1:?usage: benchmarks/prove.sh FOLDER [THREADS] [LIMIT]}
threads=${2:-2}
mkdir -p "$folder"
limit=()
if [ $# -gt 2 ]; then limit=(--limit "$3"); fi

measure() { # NAME, then options of bench prove
  local name=$1
  shift
  [ -s "$folder/$name.json" ] && return
  metadream bench prove "$@" "${limit[@]}" --threads "$threads" --output "$folder/$name" --json > "$folder/$name.part"
  mv "$folder/$name.part" "$folder/$name.json"
}
train() { # FILE of labels to leave out; prints the model's path
  metadream train --database set --exclude-proofs "$1" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["path"])'
}

for seconds in 3 60; do
  measure "new2-$seconds" --database set --split new2 --part valid --seconds "$seconds"
  measure "novel-$seconds" --database set --split novel --part valid --seconds "$seconds"
done

# a model for chrono: neither new2's nor chrono's valid and test proofs
for split in new2 chrono; do
  for part in valid test; do metadream tasks --database set --split $split --part $part; done
done | sort -u > "$folder/chrono.exclude"
chrono=$(train "$folder/chrono.exclude")
for seconds in 3 60; do
  measure "chrono-$seconds" --database set --split chrono --part valid --model "$chrono" --seconds "$seconds"
done

# propositional calculus, by a model that saw none of its proofs
python3 - > "$folder/propositional.tasks" <<'PYTHON'
from metadream.metamath_db.core import load_core, load_theory
from metadream.metamath_db.data import resolve_database
theory = load_theory(load_core(), resolve_database("set"))
labels, theorems = theory.labels(), set(theory.theorems())
print("\n".join(label for label in labels[: labels.index("ax-gen")] if label in theorems))
PYTHON
propositional=$(train "$folder/propositional.tasks")
measure propositional --database set --tasks "$folder/propositional.tasks" --model "$propositional" --expansions 32000

for database in iset nf ql; do measure "$database-3" --database "$database" --split new2 --part valid --seconds 3; done

[ ${#limit[@]} -gt 0 ] || limit=(--limit 500)
for part in network replay prior schemas closers composites; do
  measure "without-$part-3" --database set --split new2 --part valid --seconds 3 --without "$part"
done

python3 - "$folder" <<'PYTHON'
import json, sys
from pathlib import Path
found = {path.stem: json.loads(path.read_text()) for path in sorted(Path(sys.argv[1]).glob("*.json"))}
for name, x in found.items():
    classes = "  ".join(f"{k} {v['proved']}/{v['tasks']}" for k, v in x["by_length"].items())
    low, high = x["interval"]
    exe = x["metamath_exe"] or {"checked": 0, "errors": 0}
    print(f"{name}: {x['proved']}/{x['tasks']} = {100 * x['rate']:.1f} % ({100 * low:.1f} to {100 * high:.1f})  {classes}")
    print(f"  accepted {x['accepted_share']}, shorter {x['shorter']}, metamath-exe {exe['checked']} checked, "
          f"{exe['errors']} errors, {x['expansions_per_s']:.0f} expansions/s, {x['applications_per_s']:.0f} applications/s")
    base = found.get("new2-" + name.rpartition("-")[2])
    if base and name.startswith(("chrono", "novel")):  # at new2's mix of lengths
        mix = {k: v["tasks"] for k, v in base["by_length"].items() if x["by_length"][k]["tasks"]}
        rate = sum(n * x["by_length"][k]["proved"] / x["by_length"][k]["tasks"] for k, n in mix.items()) / sum(mix.values())
        print(f"  at new2's mix of lengths {100 * rate:.1f} %, new2 itself {100 * base['rate']:.1f} %")
PYTHON
