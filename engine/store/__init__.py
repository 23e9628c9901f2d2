"""The wall around SQLAlchemy: the one package that knows tables."""
