"""I4: no hook sees a payload that is not verified as if it were."""

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
async def test_no_hook_is_shown_a_payload_that_is_not_good(front, what):
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


async def test_what_answers_show_of_a_bad_token_is_no_payload(front):
    shop = new_shop(front)
    bad = token(secret=OTHER_SECRET, note="written by the attacker")
    for path in PATHS:
        answer = await shop.get(path, bad)
        assert "attacker" not in answer.text
        assert "attacker" not in str(answer.pairs)


async def test_code_is_given_no_payload_that_is_not_good(front):
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
