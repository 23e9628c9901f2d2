"""Files people upload, turned into checked, normalised models."""

from engine.models.reading import read_model

__all__ = ["read_model"]
