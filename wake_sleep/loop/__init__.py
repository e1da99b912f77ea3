"""The wake-sleep loop: one file a phase, and the cycle that puts them together."""
