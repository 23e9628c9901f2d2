"""Everything that imports SQLAlchemy: tables, the unit of work, queries, history, migrations."""
