"""The child process of `test_cases`: in a module of its own, so that it is found however pytest is started."""

from __future__ import annotations

import os
import sys


def run(arguments: list[str], cache: str, folder: str, printed: str) -> None:
    """One command in a folder, with all that it prints in one file."""
    os.environ["XDG_CACHE_HOME"] = cache
    os.chdir(folder)
    out = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    from metadream.cli import main

    sys.exit(main(arguments))
