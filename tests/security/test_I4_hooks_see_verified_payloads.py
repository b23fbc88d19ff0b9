"""I4: no hook receives an unverified payload as a verified one."""

import pytest

from .forging import ADA, NOW, OTHER_SECRET, token, unsigned
from .shops import new_shop

pytestmark = pytest.mark.requirement("I4")

UNVERIFIED = {
    "forged": token(secret=OTHER_SECRET),
    "unsigned": unsigned({"alg": "none"}, {"user_id": ADA, "exp": NOW + 9}),
    "expired": token(exp=NOW - 10**6),
    "early": token(nbf=NOW + 10**6),
    "unknown kid": token({"kid": "x"}),
    "foreign": token(aud="somebody else"),
}
PATHS = ["/protected", "/scoped", "/user", "/public", "/auth/me"]
PATHS += ["/auth/verify"]


@pytest.mark.parametrize("what", [*UNVERIFIED])
async def test_no_hook_receives_an_unverified_payload(front, what):
    seen = []

    def note(**offered):
        seen.extend(v for v in offered.values() if isinstance(v, dict))

    shop = new_shop(
        front,
        retrieve_user=lambda request, payload: note(payload=payload),
        override_scope_validator=lambda is_valid: note(x={}) or True,
        extra_verifications=[lambda payload: note(payload=payload) or True],
    )
    for path in PATHS:
        await shop.get(path, UNVERIFIED[what])
    assert seen == []


async def test_no_response_contains_an_unverified_payload(front):
    shop = new_shop(front)
    bad = token(secret=OTHER_SECRET, note="written by the attacker")
    for path in PATHS:
        response = await shop.get(path, bad)
        assert "attacker" not in response.text
        assert "attacker" not in str(response.pairs)


async def test_extract_payload_returns_no_unverified_payload(front):
    shop, seen = new_shop(front), []

    @shop.app.get("/code")
    async def code(request):
        auth = shop.auth
        seen.append(await auth.extract_payload(request))
        seen.append(await auth.extract_user_id(request))
        seen.append(await auth.extract_scopes(request))
        seen.append(await auth.is_authenticated(request))
        from sanic.response import empty

        return empty()

    for bad in UNVERIFIED.values():
        await shop.get("/code", bad)
    assert not any(seen)


async def test_the_legacy_verify_false_still_verifies():
    shop, seen = new_shop("legacy"), []

    @shop.app.get("/code")
    async def code(request):
        seen.append(await shop.auth.extract_payload(request, verify=False))
        from sanic.response import empty

        return empty()

    await shop.get("/code", UNVERIFIED["forged"])
    assert seen == [None]
