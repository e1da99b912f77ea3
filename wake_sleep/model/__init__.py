"""The recognition model: its network, how it is trained, its file, and the verb ``train``."""
