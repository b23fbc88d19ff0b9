"""Every way a token can be good or bad, on a page and on ``/verify``."""

import json

from ..forging import (
    HS256,
    encoded,
    flipped,
    signed,
    with_claims,
    with_header,
)
from ..shop import shop
from ..steps import (
    OTHER_SECRET,
    Now,
    crafted,
    edited,
    get,
    join,
)
from ..subject import Subject

here = Subject("token")
SCENARIOS = here.scenarios

PAYLOAD = encoded({"user_id": 1})


def asked(name, token, build=None, **settings):
    """One token, shown to the protected page and to ``/verify``."""
    here.add(
        name,
        build or shop(**settings),
        get("/protected", bearer=token),
        get("/auth/verify", bearer=token),
    )


asked("good", crafted())

# Time.
asked("expired", crafted(exp=Now(-1000)))
asked("expired-within-leeway", crafted(exp=Now(-100)))
asked("expired-within-own-leeway", crafted(exp=Now(-20)), leeway=30)
asked("expired-past-own-leeway", crafted(exp=Now(-20)), leeway=10)
asked("expired-without-leeway", crafted(exp=Now(-2)), leeway=0)
asked("expired-unverified", crafted(exp=Now(-1000)), verify_exp=False)
asked("no-exp", crafted(exp=None))
asked("no-exp-needed", crafted(exp=None), required_claims=())
asked("no-exp-unverified", crafted(exp=None), verify_exp=False)
asked("exp-text", crafted(exp=Now(1000, str)))
asked("exp-words", crafted(exp="tomorrow"))
asked("exp-true", crafted(exp=True), leeway=10**10)
asked("exp-float", crafted(exp=Now(1000, float)))
asked("exp-list", crafted(exp=[1]))
asked("exp-infinite", crafted(exp=float("inf")))
asked("exp-nan", crafted(exp=float("nan")))
asked("exp-huge", crafted(exp=10**400))
asked("exp-negative", crafted(exp=-1))
asked("exp-text-unverified", crafted(exp="tomorrow"), verify_exp=False)
asked("exp-null", edited(crafted(), lambda t: with_claims(exp=None)))
asked("nbf-past", crafted(nbf=Now(-10)))
asked("nbf-future", crafted(nbf=Now(1000)))
asked("nbf-within-leeway", crafted(nbf=Now(100)))
asked("nbf-text", crafted(nbf="soon"))
asked("nbf-numeric-text", crafted(nbf=Now(-10, str)))
asked("nbf-true", crafted(nbf=True))
asked("iat-past", crafted(iat=Now(-10)))
asked("iat-future", crafted(iat=Now(1000)))
asked("iat-within-leeway", crafted(iat=Now(100)))
asked("iat-text", crafted(iat="now"))
asked("iat-true", crafted(iat=True))

# Issuer and audience.
ISS = {"claim_iss": "shop"}
AUD = {"claim_aud": "web"}
asked("iss-good", crafted(iss="shop"), **ISS)
asked("iss-other", crafted(iss="mill"), **ISS)
asked("iss-missing", crafted(), **ISS)
asked("iss-null", edited(crafted(), lambda t: with_claims(iss=None)), **ISS)
asked(
    "iss-list", edited(crafted(), lambda t: with_claims(iss=["shop"])), **ISS
)
asked("iss-prefix", crafted(iss="sho"), **ISS)
asked("iss-not-asked-for", crafted(iss="shop"))
asked("aud-good", crafted(aud="web"), **AUD)
asked("aud-other", crafted(aud="mail"), **AUD)
asked("aud-missing", crafted(), **AUD)
asked("aud-one-of-list", crafted(aud=["web", "mail"]), **AUD)
asked("aud-list-without", crafted(aud=["mail"]), **AUD)
asked("aud-empty-list", crafted(aud=[]), **AUD)
asked("aud-number", crafted(aud=7), **AUD)
asked("aud-list-with-number", crafted(aud=["web", 7]), **AUD)
asked("aud-dict", crafted(aud={"web": 1}), **AUD)
asked("aud-not-asked-for", crafted(aud="web"))
asked("aud-case", crafted(aud="WEB"), **AUD)
asked("jti-number", crafted(jti=7))
asked("sub-number", crafted(sub=7))

# Key and algorithm.
asked("other-secret", crafted(secret=OTHER_SECRET))
asked("other-algorithm", crafted(algorithm="HS512"))
asked("alg-none", crafted(secret=None, algorithm="none"))
asked("alg-None", lambda m: f"{encoded({'alg': 'None'})}.{PAYLOAD}.")
asked("alg-lower-case", lambda m: with_header(alg="hs256"))
asked("alg-missing", lambda m: with_header(typ="JWT"))
asked("alg-number", lambda m: with_header(alg=5))
asked("alg-unknown", lambda m: with_header(alg="HS1024"))
asked("kid-text", crafted(headers={"kid": "1"}))
asked("kid-number", lambda m: with_header(alg="HS256", kid=1))
asked("crit-unknown", lambda m: with_header(alg="HS256", crit=["x"], x=1))
asked("crit-empty", lambda m: with_header(alg="HS256", crit=[]))
asked("b64-false", lambda m: with_header(alg="HS256", b64=False))
asked("zip", crafted(headers={"zip": "DEF"}))
asked("typ-other", crafted(headers={"typ": "at+jwt"}))
asked("typ-missing", crafted(headers={"typ": None}))
asked("jku", crafted(headers={"jku": "https://evil.test/keys"}))
asked("jwk", crafted(headers={"jwk": {"kty": "oct", "k": "AAAA"}}))

# Form.
GOOD = crafted()
asked("two-parts", edited(GOOD, lambda t: t.rpartition(".")[0]))
asked("four-parts", join(GOOD, ".x"))
asked("one-part", edited(GOOD, lambda t: t.replace(".", "")))
asked("dots-only", "..")
asked("signature-empty", edited(GOOD, lambda t: t.rpartition(".")[0] + "."))
asked("signature-changed", edited(GOOD, lambda t: flipped(t, 2)))
asked("payload-changed", edited(GOOD, lambda t: flipped(t, 1)))
asked("header-changed", edited(GOOD, lambda t: flipped(t, 0)))
asked("padded-signature", join(GOOD, "="))
asked("standard-alphabet", edited(GOOD, lambda t: t.replace("-", "+") + "+"))
asked("newline-inside", edited(GOOD, lambda t: t[:20] + "%0a" + t[20:]))
asked("header-not-json", lambda m: signed(encoded("x"), PAYLOAD))
asked("header-list", lambda m: signed(encoded([1]), PAYLOAD))
asked("payload-not-json", lambda m: signed(HS256, encoded("x")))
asked("payload-list", lambda m: signed(HS256, encoded([1])))
asked("payload-number", lambda m: signed(HS256, encoded(7)))
asked("payload-text", lambda m: signed(HS256, encoded('"x"')))
asked("payload-empty-object", lambda m: signed(HS256, encoded({})))
asked(
    "payload-utf-16",
    lambda m: signed(
        HS256,
        encoded(json.dumps({"user_id": 1, "exp": 10**10}).encode("utf-16")),
    ),
)
asked(
    "payload-not-utf-8",
    lambda m: signed(HS256, encoded(b'{"exp": 9999999999, "a": "\xff"}')),
)
asked("payload-deep", lambda m: signed(HS256, encoded("[" * 100_000)))
asked(
    "payload-duplicate-member",
    lambda m: signed(
        HS256, encoded('{"user_id": 1, "exp": 1, "exp": 9999999999}')
    ),
)
asked("json-serialisation", '{"payload":"x","signature":"y"}')
asked("five-parts", "a.b.c.d.e")
asked("user-id-missing", crafted(user_id=None))
asked("user-id-list", crafted(user_id=[1]))
