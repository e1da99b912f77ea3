"""Level-1 opcodes as reference programs: each by Level-0 opcodes alone (``programs/*.asm``).

The head of a file says where it reads and writes. The machine's own forms are in Rust, with the checkers of their
certificates; `docs/isa.md`, "Level 1", specifies all of them, and the tests compare all forms with each other.
"""
