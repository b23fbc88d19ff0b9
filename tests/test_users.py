"""Which objects can be users, and how one is serialised."""

from __future__ import annotations

from collections import UserDict
from types import SimpleNamespace
from uuid import UUID

import pytest

from sanic_jwt_oo.exceptions import InvalidRetrieveUserObject
from sanic_jwt_oo.login.users import serialize_user, user_id_of

ID = UUID(int=7)


class WithMethod:
    user_id = 8

    def __init__(self, fields):
        self.fields = fields

    async def to_dict(self):
        return self.fields


class WithProperty:
    @property
    def to_dict(self):
        return {"user_id": ID}


class WithJSON:
    user_id = 9

    def __json__(self):
        return '"nine"'


@pytest.mark.parametrize(
    ("user", "user_id"),
    [
        ({"user_id": 1}, 1),
        ({}, None),
        (UserDict(user_id=2), 2),
        (SimpleNamespace(user_id=3), 3),
        (WithMethod({"user_id": 4}), 4),
        (WithMethod({"name": "joe"}), 8),
        (WithMethod(None), 8),
        (WithProperty(), ID),
        (WithJSON(), 9),
    ],
)
async def test_the_id_is_found(user, user_id):
    assert await user_id_of(user, "user_id") == user_id


@pytest.mark.parametrize("user", [True, "joe", 3, SimpleNamespace(id=3)])
async def test_a_value_without_an_id_raises(user):
    with pytest.raises(InvalidRetrieveUserObject):
        await user_id_of(user, "user_id")


@pytest.mark.parametrize(
    ("user", "form"),
    [
        ({"user_id": ID, "n": 1}, {"user_id": str(ID), "n": 1}),
        (WithMethod({"user_id": 4}), {"user_id": 4}),
        (WithProperty(), {"user_id": str(ID)}),
        (WithJSON(), '"nine"'),
    ],
)
async def test_a_user_is_serialised(user, form):
    assert await serialize_user(user) == form


async def test_a_user_that_cannot_be_serialised_raises():
    with pytest.raises(InvalidRetrieveUserObject):
        await serialize_user(SimpleNamespace(user_id=3))
