"""Users and scopes of the types that applications use."""

from __future__ import annotations

import sqlite3
from collections import UserDict, namedtuple
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import jwt
import pytest
import sqlalchemy
from asyncpg.protocol import protocol
from sanic.response import json
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from sanic_jwt_oo.exceptions import InvalidPayload, InvalidRetrieveUserObject
from sanic_jwt_oo.login.users import serialize_user

from .conftest import SECRET, Auth


@dataclass
class DataUser:
    user_id: int
    name: str = "joe"


@dataclass
class Person:
    id: int


NamedUser = namedtuple("NamedUser", ["user_id", "name"])


def sqlite_row() -> Any:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    row = connection.execute("SELECT 1 AS user_id, 'joe' AS name").fetchone()
    connection.close()
    return row


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    user_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def sqlalchemy_row(mapping: bool) -> Any:
    engine = sqlalchemy.create_engine("sqlite://")
    with engine.connect() as connection:
        found = connection.execute(
            sqlalchemy.text("SELECT 1 AS user_id, 'joe' AS name")
        )
        row = (found.mappings() if mapping else found).one()
    engine.dispose()  # its pool keeps a connection open
    return row


def asyncpg_record() -> Any:
    return protocol._create_record({"user_id": 0, "name": 1}, (1, "joe"))


USERS = {
    "dict": lambda: {"user_id": 1, "name": "joe"},
    "UserDict": lambda: UserDict(user_id=1, name="joe"),
    "dataclass": lambda: DataUser(1),
    "namedtuple": lambda: NamedUser(1, "joe"),
    "sqlite3.Row": sqlite_row,
    "SQLAlchemy object": lambda: User(user_id=1, name="joe"),
    "SQLAlchemy Row": lambda: sqlalchemy_row(False),
    "SQLAlchemy RowMapping": lambda: sqlalchemy_row(True),
    "asyncpg.Record": asyncpg_record,
}
RECORDS = {"dict", "UserDict", "sqlite3.Row", "asyncpg.Record"}
RECORDS.add("SQLAlchemy RowMapping")


@pytest.mark.parametrize("kind", USERS)
async def test_a_user_can_be_of_any_of_these_types(app, client, caplog, kind):
    user = USERS[kind]()

    class Odd(Auth):
        def authenticate(self):
            return user

        def retrieve_user(self):
            return user

    auth = Odd(secret=SECRET).install(app)

    @app.get("/user")
    @auth.protected()
    @auth.inject_user()
    async def handler(request, user):
        return json(type(user).__name__)

    token = await client.log_in()
    payload = jwt.decode(token, SECRET, ["HS256"])
    assert payload["user_id"] == 1
    response = await client.get("/user", token)
    assert response.json == type(user).__name__
    me = await client.get("/auth/me", token)
    if kind in RECORDS:
        assert me.json == {"me": {"user_id": 1, "name": "joe"}}
    else:
        # it may hold a password: what is shown of it has to be said
        assert me.json["exception"] == "InvalidRetrieveUserObject"
        assert f"class {type(user).__name__} cannot" in caplog.text
        assert "to_dict" in caplog.text


@pytest.mark.parametrize(
    ("user", "kind"),
    [
        (Person(1), "Person"),
        ({"id": 1}, "dict"),
        (UserDict(id=1), "UserDict"),
        (True, "bool"),
        ("joe", "str"),
        (3, "int"),
        (DataUser(None), "DataUser"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
async def test_a_user_without_an_id_is_logged(app, client, caplog, user, kind):
    class Odd(Auth):
        def authenticate(self):
            return user

    Odd(secret=SECRET).install(app)
    response = await client.post("/auth")
    assert response.status == 401
    assert kind not in response.text
    assert f"of class {kind}, has no 'user_id'" in caplog.text
    assert 'user_id = "id"' in caplog.text


async def test_the_suggested_solution_works(app, client):
    class Odd(Auth):
        def authenticate(self):
            return Person(1)

    Odd(secret=SECRET, user_id="id").install(app)
    payload = jwt.decode(await client.log_in(), SECRET, ["HS256"])
    assert payload["id"] == 1


async def test_an_empty_user_is_logged_once(app, client, caplog):
    class Odd(Auth):
        empty: Any = {}

        def authenticate(self):
            return self.empty

    Odd(secret=SECRET).install(app)
    for empty in (None, False):
        Odd.empty = empty
        assert (await client.post("/auth")).status == 401
    assert "authenticate()" not in caplog.text
    for empty in ({}, UserDict(), ""):
        Odd.empty = empty
        assert (await client.post("/auth")).status == 401
    assert caplog.text.count("authenticate() returned a falsy user") == 1
    assert "of class dict" in caplog.text
    assert "'user_id'" in caplog.text


@pytest.mark.parametrize("user_id", [Decimal(1), b"1", {1}, Person(1)])
async def test_an_id_that_json_cannot_represent_is_refused(app, user_id):
    auth = Auth(secret=SECRET).install(app)
    with pytest.raises(InvalidPayload) as error:
        await auth.generate_access_token({"user_id": user_id})
    assert "'user_id'" in str(error.value)
    assert type(user_id).__name__ in str(error.value)
    assert "Return a JSON value" in str(error.value)


def scopes_one_by_one():
    yield "b"
    yield "a"


async def scopes_later():
    return {"b", "a"}


@pytest.mark.parametrize(
    ("scopes", "listed"),
    [
        (lambda: "a", ["a"]),
        (lambda: "a b", ["a b"]),
        (lambda: ["b", "a"], ["b", "a"]),
        (lambda: ("b", "a"), ["b", "a"]),
        (lambda: {"b", "a"}, ["a", "b"]),
        (lambda: frozenset({"b", "a"}), ["a", "b"]),
        (lambda: {"b": 1, "a": 2}.keys(), ["b", "a"]),
        (lambda: (scope for scope in "ba"), ["b", "a"]),
        (lambda: map(str, "ba"), ["b", "a"]),
        (scopes_one_by_one, ["b", "a"]),
        (scopes_later, ["a", "b"]),
        (lambda: None, [None]),
        (lambda: [], []),
        (lambda: set(), []),
    ],
)
async def test_scopes_can_be_of_any_of_these_types(
    app, client, scopes, listed
):
    class Scoped(Auth):
        def add_scopes_to_payload(self):
            return scopes()

    Scoped(secret=SECRET).install(app)
    payload = jwt.decode(await client.log_in(), SECRET, ["HS256"])
    assert payload["scopes"] == listed


class Right(Enum):
    READ = "orders:read"


async def later():
    yield "a"


@pytest.mark.parametrize(
    ("scopes", "kind"),
    [
        ([Right.READ], "Right"),
        ({Right.READ, "a"}, "Right"),
        (Right.READ, "Right"),
        ([b"a"], "bytes"),
        ([{"a"}], "set"),
        (later, "async_generator"),
        (lambda: b"a", "bytes"),
        (Person(1), "Person"),
    ],
)
async def test_a_scope_that_json_cannot_represent_is_refused(
    app, scopes, kind
):
    class Scoped(Auth):
        def add_scopes_to_payload(self):
            return scopes() if callable(scopes) else scopes

    auth = Scoped(secret=SECRET).install(app)
    with pytest.raises(InvalidPayload) as error:
        await auth.generate_access_token(Auth.joe)
    assert f"'scopes' cannot be in a token: Object of type {kind}" in str(
        error.value
    )
    assert "Return a JSON value" in str(error.value)


async def test_the_error_for_an_unserialisable_user_names_its_class():
    with pytest.raises(InvalidRetrieveUserObject, match=r"Person.*to_dict"):
        await serialize_user(Person(1))
