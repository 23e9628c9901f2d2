"""Files people upload, turned into checked, normalised models."""
