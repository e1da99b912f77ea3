"""What a run learned, for people: the report, the verbs ``library`` and ``export``."""
