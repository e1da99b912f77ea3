"""Human proofs as a data set of proof states: ``data export states``."""
