"""What can be said: the instruction set, programs, the workspace, the machine, the library."""
