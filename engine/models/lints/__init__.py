"""Checks of a normalised model, one idea a module; each has a `check` that reports findings."""
