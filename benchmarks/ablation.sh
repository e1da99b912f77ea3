#!/usr/bin/env bash
# Three cycles on the starter database with each part left out, three seeds; prints each run's last cycle.
set -eu
folder=${1:?usage: benchmarks/ablation.sh FOLDER}
for seed in 1 2 3; do
  for part in none library dreaming recognition; do
    run=$folder/$part-$seed
    arguments=(--run "$run" --cycles 3 --seed "$seed")
    [ "$part" = none ] || arguments+=(--without "$part")
    metadream learn "${arguments[@]}" --json 2> /dev/null > /dev/null
    python3 - "$run" "$part" "$seed" <<'PYTHON'
import json, pathlib, sys
run, part, seed = sys.argv[1:]
solved = [json.loads(path.read_text())["solved"] for path in sorted(pathlib.Path(run, "reports").glob("*.json"))]
print(f"without {part:12} seed {seed}: solved by cycle {solved}", flush=True)
PYTHON
  done
done
