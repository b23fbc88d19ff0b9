"""Sessions in a SQL database: a SQLite file, or PostgreSQL.

`store` contains the queries, `schema` the tables, and `progress` tracks how
far a feed has read the log of revocations. `database`, `connections`,
`engines`, `transactions` and `failures` deal with the database and its
failures. No other package imports SQLAlchemy, which the extra `sql` installs.
"""

from .store import SQLSessionStore

__all__ = ["SQLSessionStore"]
