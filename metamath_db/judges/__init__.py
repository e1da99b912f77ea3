"""Verdicts on whole databases: both of our judges, and metamath-exe where it is installed."""
