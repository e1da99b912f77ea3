"""A run on disk: its folder, settings and state, what binds its files, and the verb ``audit``."""
