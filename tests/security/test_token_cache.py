"""The cache of verified tokens accepts nothing that a verification would not.

It remembers that a signature was valid; everything else is checked again. It
shares nothing between keys, settings, users or installations.
"""

from __future__ import annotations

import pytest

from sanic_jwt_oo import Claim, protected, scoped
from sanic_jwt_oo.exceptions import InvalidConfiguration, InvalidToken

from .forging import ADA, NOW, OTHER_SECRET, SECRET, signature_of, token
from .shops import is_content, is_refused, new_shop, route

GOOD = token(scopes=["orders:read"])
OTHERS = token(secret=OTHER_SECRET)


# --- what it is for ---------------------------------------------------------


async def test_a_signature_is_verified_once(front, signatures):
    shop = new_shop(front)
    signatures.clear()
    for path in ("/protected", "/scoped", "/user", "/auth/me", "/protected"):
        assert (await shop.get(path, GOOD)).status == 200
    assert (await shop.get("/auth/verify", GOOD)).json == {"valid": True}
    assert await shop.auth.verify_token(GOOD)
    assert len(signatures) == 1


@pytest.mark.requirement("S3")
async def test_cache_info_counts_hits_and_misses(front):
    shop = new_shop(front)
    for bearer in (GOOD, GOOD, GOOD, OTHERS, token(jti="x")):
        await shop.get("/protected", bearer)
    info = shop.auth.cache_info()
    assert info[:3] == (2, 3, 2)
    assert 800 < info.bytes < 3000


async def test_one_setting_turns_the_cache_off(front, signatures):
    shop = new_shop(front, token_cache_entries=0)
    signatures.clear()
    for _ in range(3):
        assert is_content(await shop.get("/protected", GOOD))
    assert len(signatures) == 3
    assert shop.auth.cache_info() == (0, 3, 0, 0)


async def test_stacked_decorators_verify_once_without_the_cache(
    front, signatures
):
    shop = new_shop(front, token_cache_entries=0)
    auth = shop.auth
    route(
        shop,
        "/stacked",
        protected(auth),
        scoped("orders:read", initialized_on=auth),
        protected(auth),
    )
    signatures.clear()
    assert is_content(await shop.get("/stacked", GOOD))
    assert len(signatures) == 1


@pytest.mark.parametrize("name", ["token_cache_entries", "token_cache_bytes"])
async def test_the_bounds_of_the_cache_are_fixed_at_install(name):
    auth = new_shop().auth
    with pytest.raises(InvalidConfiguration), auth.override(**{name: 1}):
        pass
    with pytest.raises(InvalidConfiguration):
        new_shop(**{name: -1})


# --- what is checked each time ----------------------------------------------


@pytest.mark.requirement("T11")
@pytest.mark.parametrize("leeway", [0, 60])
async def test_a_cached_token_expires_on_time(leeway):
    moment = [NOW]
    shop = new_shop(leeway=leeway, now=lambda: moment[0])
    bearer = token(exp=NOW + 100)
    for offset in (0, 0, 99, 100 + leeway - 1):
        moment[0] = NOW + offset
        assert is_content(await shop.get("/protected", bearer))
    for _ in range(2):
        moment[0] = NOW + 100 + leeway
        assert is_refused(await shop.get("/protected", bearer))


@pytest.mark.requirement("T10")
async def test_a_token_refused_for_nbf_is_accepted_from_nbf_on():
    moment = [NOW]
    shop = new_shop(leeway=0, now=lambda: moment[0])
    bearer = token(nbf=NOW + 100)
    assert is_refused(await shop.get("/protected", bearer))
    moment[0] = NOW + 100
    for _ in range(2):
        assert is_content(await shop.get("/protected", bearer))
    moment[0] = NOW + 99
    assert is_refused(await shop.get("/protected", bearer))


async def test_custom_claims_are_verified_each_time(front):
    verdict = [True]

    class Open(Claim):
        key = "open"

        def setup(self, payload, user):
            return True

        def verify(self, value):
            return verdict[0]

    shop = new_shop(front, custom_claims=[Open])
    assert is_content(await shop.get("/protected", GOOD))
    verdict[0] = False
    assert is_refused(await shop.get("/protected", GOOD))
    verdict[0] = True
    assert is_content(await shop.get("/protected", GOOD))


async def test_extra_verifications_run_each_time(front):
    banned = []

    def may_enter(payload):
        return payload["user_id"] not in banned

    shop = new_shop(front, extra_verifications=[may_enter])
    assert is_content(await shop.get("/protected", GOOD))
    banned.append(ADA)
    assert is_refused(await shop.get("/protected", GOOD))


async def test_a_verification_added_later_runs_too(front):
    shop = new_shop(front)
    assert is_content(await shop.get("/protected", GOOD))
    shop.auth.extra_verifications = [lambda payload: False]
    assert is_refused(await shop.get("/protected", GOOD))


@pytest.mark.requirement("I10")
async def test_a_verification_changes_only_the_payload_of_its_request(front):
    def corrupt(payload):
        was = list(payload["scopes"])
        payload["scopes"].append("admin")
        return was == ["orders:read"]

    shop = new_shop(front, extra_verifications=[corrupt])
    for _ in range(3):
        assert is_content(await shop.get("/scoped", GOOD))


# --- whose entries they are -------------------------------------------------


@pytest.mark.requirement("S4")
async def test_another_installation_does_not_share_the_cache(front):
    one, two = new_shop(front), new_shop(front, secret=OTHER_SECRET)
    for _ in range(2):
        assert is_content(await one.get("/protected", GOOD))
        assert is_refused(await two.get("/protected", GOOD))
        assert is_content(await two.get("/protected", OTHERS))
        assert is_refused(await one.get("/protected", OTHERS))


@pytest.mark.requirement("S2")
async def test_an_overridden_secret_neither_uses_nor_fills_the_cache(front):
    auth = new_shop(front).auth
    for _ in range(2):
        assert await auth.verify_token(GOOD)
        with auth.override(secret=OTHER_SECRET):
            assert await auth.verify_token(OTHERS)
            with pytest.raises(InvalidToken):
                await auth.verify_token(GOOD)
        with pytest.raises(InvalidToken):
            await auth.verify_token(OTHERS)


@pytest.mark.requirement("T2")
async def test_another_algorithm_does_not_use_cached_tokens(front):
    auth = new_shop(front).auth
    assert await auth.verify_token(GOOD)
    with auth.override(algorithm="HS512"), pytest.raises(InvalidToken):
        await auth.verify_token(GOOD)


@pytest.mark.requirement("S2")
async def test_a_secret_of_one_route_applies_to_that_route_only(
    front, signatures
):
    shop = new_shop(front)
    route(shop, "/other", protected(shop.auth, secret=OTHER_SECRET))
    route(shop, "/third", protected(shop.auth, secret=OTHER_SECRET))
    signatures.clear()
    for _ in range(3):
        assert is_content(await shop.get("/other", OTHERS))
        assert is_content(await shop.get("/third", OTHERS))
        assert is_content(await shop.get("/protected", GOOD))
        assert is_refused(await shop.get("/other", GOOD))
        assert is_refused(await shop.get("/third", GOOD))
        assert is_refused(await shop.get("/protected", OTHERS))
    # valid tokens once on each route, invalid ones each time
    assert signatures.count(signature_of(OTHERS)) == 1 + 1 + 3
    assert signatures.count(signature_of(GOOD)) == 1 + 3 + 3


@pytest.mark.requirement("S2")
async def test_rules_of_one_route_apply_to_that_route_only(front, signatures):
    shop = new_shop(front)
    route(shop, "/loose", protected(shop.auth, leeway=10**6))
    route(shop, "/named", protected(shop.auth, claim_aud="a"))
    route(shop, "/asking", protected(shop.auth, required_claims=["jti"]))
    old, named = token(exp=NOW - 1000), token(aud="a")
    signatures.clear()
    for _ in range(2):
        assert is_content(await shop.get("/protected", GOOD))
        assert is_content(await shop.get("/loose", GOOD))
        assert is_content(await shop.get("/loose", old))
        assert is_refused(await shop.get("/protected", old))
        assert is_refused(await shop.get("/named", GOOD))
        assert is_content(await shop.get("/named", named))
        assert is_refused(await shop.get("/protected", named))
        assert is_refused(await shop.get("/asking", GOOD))
    assert shop.auth.cache_info().entries == 2
    assert signatures.count(signature_of(GOOD)) == 1


@pytest.mark.requirement("S2")
async def test_a_getter_of_a_route_is_called_each_time(front):
    shop, secrets = new_shop(front), [OTHER_SECRET]
    route(shop, "/other", protected(shop.auth, secret=lambda: secrets[0]))
    assert is_content(await shop.get("/other", OTHERS))
    secrets[0] = SECRET
    assert is_refused(await shop.get("/other", OTHERS))
    assert is_content(await shop.get("/other", GOOD))


@pytest.mark.requirement("T1")
async def test_a_changed_user_secret_does_not_use_cached_tokens(front):
    shop = new_shop(front, user_secret_enabled=True)
    shop.secrets[ADA] = SECRET
    for _ in range(2):
        assert is_content(await shop.get("/protected", GOOD))
    shop.secrets[ADA] = OTHER_SECRET
    assert is_refused(await shop.get("/protected", GOOD))
    assert is_content(await shop.get("/protected", OTHERS))
    del shop.secrets[ADA]
    assert is_refused(await shop.get("/protected", OTHERS))
    assert shop.auth.cache_info().entries == 2


@pytest.mark.requirement("H3")
@pytest.mark.requirement("S2")
async def test_a_cached_header_is_accepted_only_where_it_is_read(front):
    shop = new_shop(front)
    usual = ("authorization", f"Bearer {GOOD}")
    places = {
        "/jwt": (
            {"authorization_header_prefix": "JWT"},
            ("authorization", f"JWT {GOOD}"),
        ),
        "/bare": (
            {"authorization_header_prefix": ""},
            ("authorization", GOOD),
        ),
        "/other": (
            {"authorization_header": "x-token"},
            ("x-token", f"Bearer {GOOD}"),
        ),
        "/cookie": (
            {"cookie_set": True, "cookie_secure": False},
            ("cookie", f"access_token={GOOD}"),
        ),
        "/query": ({"query_string_set": True}, None),
    }
    for path, (settings, _) in places.items():
        route(shop, path, protected(shop.auth, **settings))
    for _ in range(3):
        assert is_content(await shop.get("/protected", headers=[usual]))
        twice = await shop.get("/protected", headers=[usual, usual])
        assert twice.status == 400
        for path, (_, header) in places.items():
            assert is_refused(await shop.get(path, headers=[usual]))
            if header is not None:
                assert is_content(await shop.get(path, headers=[header]))
                assert is_refused(
                    await shop.get("/protected", headers=[header])
                )
        assert is_content(await shop.get(f"/query?access_token={GOOD}"))


@pytest.mark.requirement("T1")
async def test_a_cache_key_is_not_accepted_as_a_token(front):
    shop = new_shop(front, user_secret_enabled=True)
    shop.secrets[ADA] = SECRET
    for _ in range(2):
        assert is_content(await shop.get("/protected", GOOD))
        for key in shop.auth._sanic_jwt_oo.policies.base.codec.cache:
            for value in (key, f"Bearer {key}"):
                header = [("authorization", value)]
                assert is_refused(await shop.get("/protected", headers=header))


async def test_a_secret_in_a_file_is_read_each_time(front, tmp_path):
    file = tmp_path / "secret"
    shop = new_shop(front, user_secret_enabled=True)
    shop.secrets[ADA] = file
    file.write_text(SECRET)
    assert is_content(await shop.get("/protected", GOOD))
    file.write_text(OTHER_SECRET)
    assert is_refused(await shop.get("/protected", GOOD))
    assert shop.auth.cache_info().entries == 0


async def test_a_permanently_changed_secret_ends_its_tokens():
    auth = new_shop("legacy").auth
    assert await auth.verify_token(GOOD)
    auth.config.secret.update(OTHER_SECRET)
    with pytest.raises(InvalidToken):
        await auth.verify_token(GOOD)
    assert await auth.verify_token(OTHERS)


# --- what does not get in ---------------------------------------------------


async def test_a_rejected_token_is_not_cached(front):
    shop = new_shop(front)
    rejected = [
        OTHERS,
        token(exp=NOW - 1000),
        token(aud="a"),
        token(nbf=NOW + 1000),
        token(exp=...) if front == "class" else OTHERS,
        GOOD[:-1] + ("A" if GOOD[-1] != "A" else "E"),
        GOOD + "=",
        "a.b.c",
    ]
    for bearer in rejected * 2:
        assert is_refused(await shop.get("/protected", bearer))
    assert shop.auth.cache_info().entries == 0


async def test_invalid_tokens_do_not_evict_valid_ones(front, signatures):
    shop = new_shop(front, token_cache_entries=2)
    assert is_content(await shop.get("/protected", GOOD))
    for number in range(50):
        bad = token(secret=OTHER_SECRET, jti=str(number))
        assert is_refused(await shop.get("/protected", bad))
    signatures.clear()
    assert is_content(await shop.get("/protected", GOOD))
    assert not signatures


async def test_new_tokens_evict_only_down_to_the_bound(front, signatures):
    shop = new_shop(front, token_cache_entries=10)
    for number in range(50):
        await shop.get("/protected", token(jti=str(number)))
        if number % 9 == 0:
            await shop.get("/protected", GOOD)
    assert shop.auth.cache_info().entries == 10
    assert signatures.count(signature_of(GOOD)) == 1


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("odd", [None, 1, b"a.b.c", [], {}, GOOD.encode()])
async def test_a_token_that_is_not_text_is_refused(front, odd):
    with pytest.raises(InvalidToken):
        await new_shop(front).auth.verify_token(odd)
