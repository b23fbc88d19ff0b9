"""Sessions in a SQL database: a SQLite file, or PostgreSQL.

`store` and `statements` contain the queries, `schema` the tables. `listening`
keeps feeds up to date, and `progress` tracks how far a feed has read the log
of revocations. The other modules deal with the database and its failures. No
other package imports SQLAlchemy, which the extra `sql` installs.
"""

from .store import SQLSessionStore

__all__ = ["SQLSessionStore"]
