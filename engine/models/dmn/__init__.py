"""DMN files (1.1 to 1.5) people upload, read into plain data. `engine.decisions` compiles that."""

from engine.models.dmn.reading import read_decision_file

__all__ = ["read_decision_file"]
