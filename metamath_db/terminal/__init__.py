"""What a command says: answers, progress, and names that look like one that is not known."""
