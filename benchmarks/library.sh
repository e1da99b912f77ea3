#!/usr/bin/env bash
# What composites are worth in search, part by part: 500 unseen theorems of set.mm, two seeds, judged proofs only.
set -eu
folder=${1:?usage: benchmarks/library.sh FOLDER}
mkdir -p "$folder"
arms=()
for arm in without with replay prior schemas skeletons; do arms+=(--arm "$arm"); done
metadream bench library --database set --tasks 500 --skip 460 --expansions 2000 --seconds 1 --seeds 2 --models "$folder" \
  "${arms[@]}" --json > "$folder/library.json"
python3 - "$folder/library.json" <<'PYTHON'
import json, sys
found = json.load(open(sys.argv[1]))
for measured in found["seeds"]:
    for name, arm in measured["arms"].items():
        print(measured["seed"], name, arm["proved"], arm["points"], arm["by_length"])
PYTHON
