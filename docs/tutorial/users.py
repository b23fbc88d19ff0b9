"""The users of the shop: who there is, and whose password it is."""

import asyncio
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

HASHER = PasswordHasher()
NOBODY = HASHER.hash("what unknown names are compared with")


@dataclass
class User:
    user_id: int
    name: str
    password_hash: str
    scopes: tuple[str, ...] = ()

    def to_dict(self):
        return {"user_id": self.user_id, "name": self.name}


USERS = [
    User(1, "ada", HASHER.hash("correct horse"), ("orders",)),
    User(2, "bob", HASHER.hash("battery staple"), ("orders:read",)),
]


async def get_user(user_id):
    return next((u for u in USERS if u.user_id == user_id), None)


async def find_user(name, password):
    if not isinstance(name, str) or not isinstance(password, str):
        return None
    user = next((u for u in USERS if u.name == name), None)
    expected = user.password_hash if user else NOBODY
    matches = await asyncio.to_thread(is_password, expected, password)
    return user if matches else None


def is_password(expected, password):
    try:
        return HASHER.verify(expected, password)
    except (VerificationError, UnicodeError):
        return False
