"""Level-1 opcodes: reference programs in Level-0 assembly, forms on libraries, checkers of certificates."""
