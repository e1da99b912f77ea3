"""Metadream: a neuro-symbolic library learner for Metamath.

Programs of opcodes are proofs. The loop proves tasks (wake), names what recurs (sleep 1: compression) and
trains its recognition model on what it found and dreamt (sleep 2). The data flows one way:
``metamath_db -> dsl -> compression -> wake_sleep -> cli``; ARCHITECTURE.md walks through the folders.

Nothing heavy is imported here.
"""


def __getattr__(name: str) -> str:
    """``__version__`` is read from the installed package when it is asked for: the look-up costs 20 ms."""
    if name == "__version__":
        from importlib.metadata import version

        return version("metadream")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
