"""The verb ``prove``: a search's answer as text, as a file and as a drawing."""
