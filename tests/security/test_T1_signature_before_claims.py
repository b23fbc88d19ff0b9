"""T1: no claim is used before the signature is verified."""

import sqlite3
from contextlib import closing

import jwt
import pytest

from sanic_jwt_oo import Claim

from .forging import ADA, BOB, NOW, OTHER_SECRET, SECRET, token
from .shops import is_content, is_refused, new_shop, open_shop

pytestmark = [
    pytest.mark.requirement("T1"),
    pytest.mark.requirement("I4"),
]

USER_SECRETS = {ADA: "ada " * 16, BOB: "bob " * 16}


class Watched(Claim):
    """A claim that records the values it is given."""

    key = "shop"
    seen: list = []

    def setup(self, payload, user):
        return "north"

    def verify(self, value):
        self.seen.append(value)
        return True


async def test_a_forged_token_reaches_no_custom_claim(front):
    Watched.seen.clear()
    shop = open_shop(front, custom_claims=[Watched])
    assert is_refused(
        await shop.get("/protected", token(secret=OTHER_SECRET, shop="x"))
    )
    assert Watched.seen == []


async def test_a_forged_token_reaches_no_extra_verification(front):
    seen = []
    shop = open_shop(front, extra_verifications=[lambda p: not seen.append(p)])
    await shop.get("/protected", token(secret=OTHER_SECRET))
    assert seen == []


async def test_a_forged_token_reaches_no_retrieve_user(front):
    shop = open_shop(front)
    assert is_refused(await shop.get("/auth/me", token(secret=OTHER_SECRET)))
    assert shop.asked == []


@pytest.mark.parametrize(
    "changes",
    [{"exp": 1}, {"exp": "x"}, {"nbf": NOW * 2}, {"aud": "x"}, {"iss": 1}],
    ids=str,
)
async def test_the_reason_for_a_forged_token_is_only_its_signature(
    front, changes
):
    shop = open_shop(front, claim_iss="the shop")
    plain = await shop.get("/protected", token(secret=OTHER_SECRET))
    also = await shop.get("/protected", token(secret=OTHER_SECRET, **changes))
    assert also.json == plain.json
    assert (
        also.headers["www-authenticate"] == (plain.headers["www-authenticate"])
    )


async def test_a_forged_token_grants_no_scope(front):
    shop = open_shop(front)
    forged = token(secret=OTHER_SECRET, scopes=["orders:read"])
    assert is_refused(await shop.get("/scoped", forged))


async def test_a_users_own_secret_verifies_the_users_token(front):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets.update(USER_SECRETS)
    good = token(secret=USER_SECRETS[ADA])
    assert is_content(await shop.get("/protected", good))


async def test_another_users_secret_is_refused(front):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets.update(USER_SECRETS)
    stolen = token(secret=USER_SECRETS[BOB], user_id=ADA)
    assert is_refused(await shop.get("/protected", stolen))


async def test_without_a_global_secret_the_old_default_is_refused(
    front,
):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets.update(USER_SECRETS)
    default = token(secret="This is a big secret. Shhhhh")
    assert is_refused(await shop.get("/protected", default))


@pytest.mark.parametrize(
    "user_id", [None, True, 1.5, [], [1], {}, {"$ne": 1}, ...], ids=repr
)
async def test_an_id_of_a_hostile_type_reaches_no_hook(front, user_id):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets.update(USER_SECRETS)
    hostile = token(secret=USER_SECRETS[ADA], user_id=user_id)
    assert is_refused(await shop.get("/protected", hostile))
    assert shop.asked == []


@pytest.mark.parametrize("user_id", ["", "nobody", 404, -1, 10**300, "\ud800"])
async def test_a_user_without_a_secret_is_refused(front, user_id):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets.update(USER_SECRETS)
    hostile = token(secret=USER_SECRETS[ADA], user_id=user_id)
    assert is_refused(await shop.get("/protected", hostile))


@pytest.mark.parametrize("nothing", [None, "", b""])
async def test_a_user_with_an_empty_secret_is_refused(front, nothing):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets[ADA] = nothing
    assert is_refused(await shop.get("/protected", token(secret="")))


async def test_the_claim_that_names_the_user_is_the_configured_one(front):
    shop = open_shop(front, user_secret_enabled=True, user_id="member")
    shop.secrets.update(USER_SECRETS)
    good = token(secret=USER_SECRETS[BOB], user_id=ADA, member=BOB)
    assert is_content(await shop.get("/protected", good))
    assert shop.asked == [("retrieve_user_secret", BOB)]


async def test_a_users_secret_signs_what_it_verifies(front):
    shop = open_shop(front, user_secret_enabled=True)
    shop.secrets.update(USER_SECRETS)
    made = await shop.auth.generate_access_token(shop.users[BOB])
    options = {"verify_exp": False}
    payload = jwt.decode(made, USER_SECRETS[BOB], ["HS256"], options=options)
    assert payload["user_id"] == BOB
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(made, SECRET, ["HS256"], options=options)


@pytest.mark.parametrize(
    "user_id", [2**63, -(10**30), "\ud800", "a\udfff"], ids=ascii
)
async def test_an_id_that_no_database_can_store_is_a_401(front, user_id):
    # the sender needs no key: the hook is called before the verification
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE users (id, secret)")

        def retrieve_user_secret(user_id):
            find = "SELECT secret FROM users WHERE id = ?"
            row = database.execute(find, (user_id,)).fetchone()
            return row and row[0]

        shop = new_shop(
            front,
            user_secret_enabled=True,
            retrieve_user_secret=retrieve_user_secret,
        )
        response = await shop.get("/protected", token(user_id=user_id))
    assert is_refused(response)


LOOKED_UP = ["ada", "", 0, -1, 2**63 - 1, -(2**63)]
NOT_LOOKED_UP = ["\0", "ada\0", "\0ada", "a\0da", 2**63, -(2**63) - 1]
NOT_LOOKED_UP += ["\ud800", "ada\udfff", True, None, 1.0, [], {}, ["ada"], ...]


@pytest.mark.parametrize("user_id", NOT_LOOKED_UP, ids=ascii)
async def test_an_id_that_no_store_can_look_up_reaches_no_hook(front, user_id):
    shop = open_shop(front, user_secret_enabled=True)
    for secret in USER_SECRETS[ADA], "":
        unverified = token(secret=secret, user_id=user_id)
        for path in ("/protected", "/user", "/auth/me", "/auth/verify"):
            assert (await shop.get(path, unverified)).status == 401
    assert shop.asked == []


@pytest.mark.parametrize("user_id", LOOKED_UP, ids=ascii)
async def test_an_id_that_a_store_can_look_up_reaches_the_hook(front, user_id):
    shop = open_shop(front, user_secret_enabled=True)
    unverified = token(secret=USER_SECRETS[ADA], user_id=user_id)
    assert is_refused(await shop.get("/protected", unverified))
    assert shop.asked == [("retrieve_user_secret", user_id)]
