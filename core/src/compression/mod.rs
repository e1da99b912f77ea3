//! What is worth naming: fragments of proofs, their most general instances, rewriting.
