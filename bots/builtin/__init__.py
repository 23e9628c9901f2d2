"""The bots every installation has."""
