"""Handlers of the Level-2 opcodes. Importing this package declares them all; docs/isa.md says what they do."""

from metadream.wake_sleep.level2 import abduce, call, deduce, hypothesize, plan, retrieve, verify

__all__ = ["abduce", "call", "deduce", "hypothesize", "plan", "retrieve", "verify"]
