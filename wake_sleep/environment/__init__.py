"""Proof search as an environment: states, legal actions, steps, verdicts; an adapter for gymnasium's protocol."""
