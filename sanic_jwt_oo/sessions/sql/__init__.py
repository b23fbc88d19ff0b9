"""Sessions in a SQL database: a SQLite file, or PostgreSQL.

`schema` has the tables, `database` the engine and everything that may go
wrong with it, `store` what is done in the tables, `progress` how a feed reads
revocations without missing one. Nothing outside imports SQLAlchemy, which
comes with the extra `sql`.
"""

from .store import SQLSessionStore

__all__ = ["SQLSessionStore"]
