"""Schema steps (Alembic), oldest first."""
