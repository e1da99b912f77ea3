"""What the machine and its memory cost: the verb ``bench machine``."""
