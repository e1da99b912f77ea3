"""A small stand-in for the Rust core: a world of chains, in which the phases can be tested without it.

A task ``tN`` needs N steps of ``ax``. Search proves it if it needs no more steps than a tenth of the expansions; each
lemma doubles what a step is worth. Everything is deterministic, and every call is counted.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import metadream
from metadream import _core
from metadream.metamath_db.errors import InputError

FEATURES = 256


def chain(task: str | None, labels: list[str]) -> str:
    """A proof that applies `labels` one after another."""
    steps = [[label, [i - 1] if i else []] for i, label in enumerate(labels)]
    proof: dict[str, Any] = {"task": task, "steps": steps}
    if task is None:
        proof["statement"] = {"hyps": [], "conclusion": "|- dream", "disjoint": []}
    return json.dumps(proof, separators=(",", ":"))


def session(name: str) -> bytes:
    """A session of the log that only begins (docs/log.md)."""
    text = name.encode()
    return bytes([1, 0, 0, 0]) + len(text).to_bytes(4, "little") + bytes(112) + text


class FakeTheory:
    """Tasks t1 … tN and the axiom ax; lemma ``mdK`` is two steps of what came before it."""

    def __init__(self, count: int, human: int = 0) -> None:
        self.count, self.human, self.library = count, human, 0

    def copy(self) -> FakeTheory:
        made = FakeTheory(self.count, self.human)
        made.library = self.library
        return made

    def unparsed(self) -> list[tuple[str, int, str]]:
        return []

    def refused(self) -> list[tuple[str, int, str]]:
        return []

    def axioms(self, labels: list[str]) -> list[str]:
        return ["ax"]

    def doubtful(self, labels: list[str]) -> None:
        return None

    def ambiguous(self) -> list[tuple[str, int]]:
        return []

    def start(self, label: str) -> int:
        if label not in self.labels():
            raise InputError(f"no statement is labelled `{label}`")
        return self.labels().index(label)

    def statements_sha256(self, labels: list[str] | None = None) -> str:
        return hashlib.sha256(repr((self.count, labels)).encode()).hexdigest()

    def known_share(self, keys: npt.NDArray[np.uint8]) -> float:
        return 1.0

    def labels(self) -> list[str]:
        return ["ax", *self.theorems()]

    def theorems(self) -> list[str]:
        return [f"t{i + 1}" for i in range(self.count)]

    def proof_lengths(self) -> npt.NDArray[np.uint32]:
        return np.array([i + 1 if i < self.human else 0 for i in range(self.count)], dtype=np.uint32)

    def uses(self, label: str) -> list[str]:
        return ["ax", label] if label.endswith("7") else ["ax"]

    def check_target(self, target: str) -> None:
        pass

    def same_statement(self, target: str) -> list[str]:
        return [target] if target in self.theorems() else []

    def statement(self, label: str) -> dict[str, Any]:
        return {
            "label": label,
            "hyps": [],
            "hyp_labels": [],
            "needed": 0,
            "conclusion": f"|- {label}",
            "disjoint": [],
            "comment": None,
        }

    def meaning(self, word: str) -> str | None:
        return "axiom" if word == "ax" else None

    def lemmas(self) -> list[str]:
        return [f"md{k + 1}" for k in range(self.library)]

    def library_json(self) -> str:
        entries = [
            {
                "label": f"md{k + 1}",
                "hypotheses": ["|- <b>ph</b>"],
                "statement": "|- ( ph & <script>alert(1)</script> )",
                "distinct": [],
                "body": [
                    {"label": f"md{k}" if k else "ax", "premises": [-1]},
                    {"label": f"md{k}" if k else "ax", "premises": [0]},
                ],
            }
            for k in range(self.library)
        ]
        return json.dumps({"schema": "metadream.library", "version": 2, "entries": entries}) + "\n"

    def load_library(self, text: str) -> None:
        self.library = len(json.loads(text)["entries"])

    def learn_library(
        self, corpus: list[str], human: list[str], options: dict[str, Any], settled: Sequence[int] = ()
    ) -> dict[str, Any]:
        if any(len(json.loads(proof)["steps"]) > 1 for proof in corpus) or human:
            self.library += 1
        rewritten = [self._folded(json.loads(self.unfold(proof))) for proof in corpus]
        rewritten += [self._folded({"task": label, "steps": ["ax"] * int(label[1:])}) for label in human]
        return {"rewritten": rewritten, "lemmas": []}

    def _folded(self, proof: dict[str, Any]) -> str:
        left, labels = len(proof["steps"]), []
        for k in range(self.library, 0, -1):
            labels += [f"md{k}"] * (left // 2**k)
            left %= 2**k
        return chain(proof["task"], labels + ["ax"] * left)

    def unfold(self, proof: str) -> str:
        data = json.loads(proof)
        worth = {"ax": 1, **{f"md{k}": 2**k for k in range(1, 40)}}
        return chain(data["task"], ["ax"] * sum(worth[label] for label, _ in data["steps"]))

    def judge(self, proof: str) -> dict[str, Any]:
        return {"kernel": True, "metamath_rs": len(json.loads(proof)["steps"]) < 50, "messages": []}

    def judge_again(self, proofs: list[str], threads: int) -> list[tuple[str | None, str | None]]:
        tasks = [json.loads(proof)["task"] for proof in proofs]
        return [(task, "kernel: <no>" if task == "t5" else None) for task in tasks]

    def run(
        self, proof: str, database: str | None = None, library: str | None = None, directives: Any = None
    ) -> dict[str, Any]:
        task = json.loads(proof)["task"]
        if task == "t5":  # whose proofs the judges of this world never accept
            return {"accepted": False, "message": "kernel: <no>"}
        return {
            "accepted": True,
            "message": None,
            "program": f"ASSERT {task}",
            "proof": proof,
            "trace": "{}\n",
            "log": session(str(task)),
            "mm": "$( slice $)",
            "statement_sha256": "0" * 64,
        }

    def library_mm(self) -> str:
        return "".join(f"{name} $p |- ph $= ? $.\n" for name in self.lemmas())

    def database_with_library(self, proofs: list[str]) -> bytes:
        return f"{self.library_mm()}{len(proofs)} proofs\n".encode()


class FakeRanker:
    """Learns nothing; its examples are random but for the right answer, which a feature tells."""

    def __init__(self, seed: int) -> None:
        self.seed, self.learnt, self.network = seed, "", None
        self.moves: dict[str, npt.NDArray[Any]] = {}

    def fit(self, theory: FakeTheory, corpus: list[str], human: list[str], epochs: int) -> dict[str, Any]:
        self.learnt = hashlib.sha256(
            json.dumps([theory.library, corpus, human, epochs, self.seed]).encode()
        ).hexdigest()
        return {"examples": len(corpus), "seconds": 0.0, "loss": 1.0}

    def fit_moves(self, theory: FakeTheory, found: list[str], human: list[str], epochs: int) -> dict[str, Any]:
        said = json.dumps([theory.library, found, human, epochs])
        self.moves = {"moves.learnt": np.frombuffer(hashlib.sha256(said.encode()).digest(), dtype=np.uint8).copy()}
        counts = {"proofs": len(found) + len(human), "translated": len(human), "steps": 0, "decisions": 0}
        return {**counts, "examples": epochs, "loss": 1.0, "seconds": 0.0}

    def restore_moves(
        self, theory: FakeTheory, found: list[str], human: list[str], arrays: Mapping[str, npt.NDArray[Any]]
    ) -> None:
        self.moves = {"moves.learnt": arrays["moves.learnt"]}

    def measured_moves(self, human: list[str], informed: bool) -> list[list[tuple[str, int | None, float]] | None]:
        return [[("t1", 0, 0.5)] for _ in human]

    def moves_portable(self) -> dict[str, npt.NDArray[Any]]:
        return self.moves

    def examples(
        self, theory: FakeTheory, corpus: list[str], human: list[str], candidates: int, limit: int, seed: int
    ) -> dict[str, npt.NDArray[Any]]:
        items = [*corpus, *human]
        random = np.random.default_rng(seed)
        task = np.repeat(np.arange(len(items)), 4).astype(np.uint32)
        premises = theory.count + 1 + theory.library
        table = random.integers(0, premises, (len(task), candidates)).astype(np.uint32)
        return {
            "features": np.stack([table[:, 0] % FEATURES, random.integers(0, FEATURES, len(task))], axis=1)
            .ravel()
            .astype(np.uint32),
            "offsets": np.arange(0, 2 * len(task) + 1, 2, dtype=np.int64),
            "candidates": table,
            "scores": random.normal(size=table.shape).astype(np.float32),
            "task": task,
        }

    def premise_features(self, theory: FakeTheory) -> dict[str, npt.NDArray[Any]]:
        count = theory.count + 1 + theory.library
        return {
            "features": np.arange(count, dtype=np.uint32) % FEATURES,
            "offsets": np.arange(count + 1, dtype=np.int64),
            "uses": np.zeros(count, dtype=np.float32),
        }

    def feature_count(self) -> int:
        return FEATURES

    def set_network(self, arrays: Mapping[str, npt.NDArray[np.float32]] | None) -> None:
        self.network = arrays

    def weights(self) -> dict[str, npt.NDArray[Any]]:
        return {"embedding": np.frombuffer(self.learnt.encode(), dtype=np.uint8).astype(np.float32)}

    def restore(
        self,
        theory: FakeTheory,
        corpus: list[str],
        human: list[str],
        weights: Mapping[str, npt.NDArray[np.float32]],
    ) -> None:
        self.learnt = bytes(weights["embedding"].astype(np.uint8)).decode()

    def portable(self, theory: FakeTheory, seen: list[str], counted: list[str]) -> dict[str, npt.NDArray[Any]]:
        said = {"embedding": self.learnt, "seen": json.dumps(seen), "keys": "keys"}
        return {f"statements.{name}": np.frombuffer(text.encode(), np.uint8).copy() for name, text in said.items()}

    def sha256(self) -> str:
        return self.learnt

    def set_skeletons(self, theory: FakeTheory, proofs: list[str]) -> None:
        self.skeletons = len(proofs)

    def held_out(self, theory: FakeTheory, proofs: list[str]) -> dict[str, Any]:
        return {"steps": len(proofs), "nats": 1.0, "at_1": 1.0, "at_10": 1.0, "at_50": 1.0}

    def nats(self, theory: FakeTheory, held_out: list[str]) -> object:
        return len(held_out)


class FakeDraft:
    """A statement without hypotheses, and the labels of its chain once it is spliced."""

    def __init__(self, statement: str, labels: list[str | None]) -> None:
        self.said, self.labels = statement, labels

    @staticmethod
    def of_steps(theory: FakeTheory, name: str, statement: str, steps: list[Any]) -> FakeDraft:
        return FakeDraft(statement, [label for _, label, _, _ in steps])

    def statement(self) -> str:
        return self.said

    def steps(self) -> list[dict[str, Any]]:
        def row(i: int) -> dict[str, Any]:
            children = [i - 1] if i else []
            common = {"name": "", "hyp": False, "formula": "|- x", "unknown": [], "needed": True}
            return {**common, "label": self.labels[i], "children": children}

        return [row(i) for i in range(len(self.labels))]

    def spliced(self, goals: list[int], proof: str, using: list[int]) -> FakeDraft:
        return FakeDraft(self.said, [label for label, _ in json.loads(proof)["steps"]])

    def written(self, indent: int = 2) -> dict[str, Any]:
        return {"compressed": " ".join(label or "?" for label in self.labels), "disjoint": []}


@contextmanager
def using(core: FakeCore) -> Iterator[FakeCore]:
    """Put `core` in the place of the compiled one, in all of the package, as long as the block runs."""
    for found in pkgutil.walk_packages(metadream.__path__, "metadream."):  # what is imported later would keep the fake
        importlib.import_module(found.name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metadream, "_core", core)
        patch.setitem(sys.modules, "metadream._core", core)
        for name, module in list(sys.modules.items()):
            if name.startswith("metadream.") and "_core" in vars(module):
                patch.setattr(module, "_core", core)
        yield core


class FakeCore:
    """The module; `dies_at` raises KeyboardInterrupt at that search."""

    def __init__(self, count: int = 60, human: int = 0, dies_at: int | None = None) -> None:
        self.made, self.dies_at, self.calls = (count, human), dies_at, Counter[str]()
        core = self

        class Theory:
            @staticmethod
            def load(path: str, judges: int = 0) -> FakeTheory:
                return FakeTheory(*core.made)

        class Ranker(FakeRanker):
            def __init__(self, seed: int) -> None:
                core.calls["ranker"] += 1
                super().__init__(seed)

            @staticmethod
            def fitted(
                theory: FakeTheory, arrays: Mapping[str, npt.NDArray[Any]]
            ) -> tuple[FakeRanker, float, list[str]]:
                text = {name: arrays[f"statements.{name}"].tobytes().decode() for name in ("embedding", "seen")}
                ranker = core.Ranker(0)
                ranker.learnt = text["embedding"]
                return ranker, 1.0, json.loads(text["seen"])

        self.Theory = Theory
        self.Ranker = Ranker
        self.Draft = FakeDraft
        self.SearchOptions = _core.SearchOptions
        self.stopping = _core.stopping

    def __getattr__(self, name: str) -> Any:
        return getattr(_core, name)  # what this world does not change

    def features_sha256(self) -> str:
        return "0" * 64

    def numeric_claim(self, theory: FakeTheory, target: str) -> str | None:
        return None

    def search(
        self,
        theory: FakeTheory,
        ranker: FakeRanker,
        target: str,
        options: _core.SearchOptions,
        proposer: Callable[[Any], Sequence[float]] | None = None,
    ) -> dict[str, Any]:
        self.calls["search"] += 1
        if self.calls["search"] == self.dies_at:
            raise KeyboardInterrupt
        named = target[0] == "t"
        steps = ["ax"] * (int(target[1:]) if named else 3)
        proof = json.loads(theory._folded({"task": target if named else None, "steps": steps}))
        need = 10 * len(proof["steps"])
        expansions = need if options.expansions is None else options.expansions
        solved = need <= expansions
        return {
            "task": target,
            "solved": solved,
            "proof": json.dumps(proof, separators=(",", ":")) if solved else None,
            "steps": len(proof["steps"]) if solved else None,
            "expansions": min(need, expansions),
            "applications": need,
            "seconds": 0.0,
            "reason": "solved" if solved else "budget",
            "decisions": len(proof["steps"]) if solved else None,
            "minimised": None,
            "content": None,
            "in_context": solved and options.moves != "unify" and len(proof["steps"]) < 3,
            "frontier": None,
            "graph": None,
            "skeletons": [],
            "proposer": None,
        }

    def append_log(
        self,
        folder: Path,
        sessions: list[bytes],
        start: int = 0,
        root: str | None = None,
        hash_name: str = "sha256",
    ) -> dict[str, Any]:
        self.calls["append_log"] += 1
        return _core.append_log(folder, sessions, start, root, hash_name)

    def sample_dreams(self, theory: FakeTheory, ranker: FakeRanker, count: int, seed: int, max_steps: int) -> list[str]:
        random = np.random.default_rng(seed)
        return [chain(None, ["ax"] * int(n)) for n in random.integers(1, 60, count)]
