"""The wake-sleep loop: a file for each phase, and the cycle that runs the phases."""
