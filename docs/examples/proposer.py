"""A toy proposer: it prefers moves that share symbols with the goal (docs/proposer.md).

As a process:  metadream prove '|- ( ph -> ph )' --proposer 'python docs/examples/proposer.py'
In Python:     pass `scores` as `proposer`
"""

import json
import sys


def scores(question):
    """A log-probability for each move, up to a constant: how much of what the move concludes the goal has, too."""
    goal = set(question["goal"].split())

    def shared(move):
        conclusion = set(move["text"].split(" => ")[-1].split())
        return len(goal & conclusion) / len(goal | conclusion)

    return [4.0 * shared(move) for move in question["moves"]]


def main():
    """Answer each line of standard input with one line."""
    json.loads(sys.stdin.readline())  # {"protocol": "metadream-proposer", "version": 1}
    print(json.dumps({"version": 1, "name": "shared symbols"}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps({"id": question["id"], "scores": scores(question)}), flush=True)


if __name__ == "__main__":
    main()
