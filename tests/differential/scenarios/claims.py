"""Registered claims that are issued, custom claims, extra verifications."""

from datetime import datetime, timedelta

from sanic.response import json

from ..shop import Hooks, shop, usual_pages
from ..steps import SECRET, crafted, get, issued, login
from ..subject import Subject

here = Subject("claim")
SCENARIOS = here.scenarios

USE = (get("/payload", bearer=issued()), get("/auth/verify", bearer=issued()))

for name, settings in {
    "none": {},
    "iat": {"claim_iat": True},
    "nbf": {"claim_nbf": True},
    "nbf-delta": {"claim_nbf": True, "claim_nbf_delta": -60},
    "nbf-delta-without-nbf": {"claim_nbf_delta": 60},
    "nbf-future": {"claim_nbf": True, "claim_nbf_delta": 60},
    "nbf-own-leeway": {"claim_nbf": True, "leeway": 30},
    "iss": {"claim_iss": "shop"},
    "aud": {"claim_aud": "web"},
    "aud-list": {"claim_aud": ["web", "mail"]},
    "aud-tuple": {"claim_aud": ("web", "mail")},
    "iss-list": {"claim_iss": ["shop", "mill"]},
    "iss-empty": {"claim_iss": ""},
    "all": {
        "claim_iat": True,
        "claim_nbf": True,
        "claim_iss": "shop",
        "claim_aud": "web",
    },
    "expiration": {"expiration_delta": 60},
    "expiration-zero": {"expiration_delta": 0},
    "expiration-negative": {"expiration_delta": -3600},
    "expiration-float": {"expiration_delta": 60.0},
}.items():
    here.add(name, shop(**settings), login(), *USE)

here.add(
    "aud-list-single-member",
    shop(claim_aud=["web", "mail"]),
    get("/protected", "one of them", bearer=crafted(aud="mail")),
    get("/protected", "another", bearer=crafted(aud="post")),
)


def custom(name, *steps, use=False, **members):
    """A custom claim made of ``members``."""

    def build(front, app):
        claim = type("ShopClaim", (front.Claim,), members)
        shop(custom_claims=[claim])(front, app)

    here.add(f"custom-{name}", build, *steps)


ACCEPT = {
    "setup": lambda self, payload, user: "north",
    "verify": lambda self, value: value == "north",
}
custom("good", login(), *USE, key="region", **ACCEPT)
custom(
    "other-value",
    get("/protected", bearer=crafted(region="south")),
    get("/auth/verify", bearer=crafted(region="south")),
    key="region",
    **ACCEPT,
)
custom(
    "missing-value",
    get("/protected", bearer=crafted()),
    get("/auth/verify", bearer=crafted()),
    key="region",
    **ACCEPT,
)


async def _late_setup(self, payload, user):
    return "north"


custom(
    "async-setup",
    login(),
    *USE,
    key="region",
    setup=_late_setup,
    verify=lambda self, value: value == "north",
)
custom(
    "sees-payload-and-user",
    login(),
    *USE,
    key="about",
    setup=lambda self, payload, user: {
        "payload": sorted(payload),
        "user": sorted(user),
    },
    verify=lambda self, value: True,
)
custom(
    "verify-not-boolean",
    login(),
    *USE,
    key="region",
    setup=lambda self, payload, user: "north",
    verify=lambda self, value: "yes",
)


def _raise(*_):
    raise ValueError("claim")


custom(
    "verify-raises",
    login(),
    *USE,
    key="region",
    setup=lambda self, payload, user: "north",
    verify=_raise,
)
custom("setup-raises", login(), key="region", setup=_raise, verify=_raise)
custom(
    "get-key",
    login(),
    *USE,
    key="region",
    get_key=lambda self: "area",
    **ACCEPT,
)
custom("without-key", login(), **ACCEPT)
custom("without-setup", login(), key="x", verify=ACCEPT["verify"])
custom("without-verify", login(), key="x", setup=ACCEPT["setup"])


@here.scenario("custom-two", login(), *USE)
def _(front, app):
    class Region(front.Claim):
        key = "region"

        def setup(self, payload, user):
            return "north"

        def verify(self, value):
            return value == "north"

    class Tier(front.Claim):
        key = "tier"

        def setup(self, payload, user):
            return 2

        def verify(self, value):
            return value > 1

    shop(custom_claims=[Region, Tier])(front, app)


@here.scenario("custom-not-a-claim", login(), *USE)
def _(front, app):
    shop(custom_claims=[object])(front, app)


@here.scenario("custom-as-tuple", login(), *USE)
def _(front, app):
    region = type("Region", (front.Claim,), {"key": "region", **ACCEPT})
    shop(custom_claims=(region,))(front, app)


@here.scenario("custom-replaces-exp", login(), *USE)
def _(front, app):
    claim = type(
        "Late",
        (front.Claim,),
        {
            "key": "exp",
            "setup": lambda self, payload, user: 9_999_999_999,
            "verify": lambda self, value: True,
        },
    )
    shop(custom_claims=[claim])(front, app)


def verifying(name, *checks, token=None):
    """Extra verifications, asked with a token of user 1."""
    token = token or crafted()
    here.add(
        f"extra-{name}",
        shop(extra_verifications=list(checks)),
        get("/protected", bearer=token),
        get("/auth/verify", bearer=token),
    )


verifying("true", lambda payload: payload["user_id"] == 1)
verifying("false", lambda payload: payload["user_id"] == 2)
verifying("both-true", lambda p: True, lambda p: "exp" in p)
verifying("second-false", lambda p: True, lambda p: False)
verifying("not-boolean", lambda p: 1)
verifying("none", lambda p: None)
verifying("not-callable", "not callable")
verifying("raises", lambda p: p["nothing"])
verifying("empty")
verifying("with-bad-token", lambda p: True, token="garbage")


@here.scenario("extra-with-programmatic-verify", get("/check"))
def _(front, app):
    shop(extra_verifications=[lambda p: p["user_id"] != 1])(front, app)

    @app.get("/check")
    async def check(request):
        token = await app.ctx.auth.generate_access_token(
            {"user_id": 1, "username": "ada"}
        )
        return json(await app.ctx.auth.verify_token(token))


def extending(name, extend, *steps, **settings):
    """An ``extend_payload`` hook."""
    here.add(
        f"extend-{name}",
        shop(extend_payload=extend, **settings),
        login(),
        *(steps or USE),
    )


def _payload_only(payload):
    payload["only"] = True
    return payload


async def _payload_only_async(payload):
    return {**payload, "only": True}


def _with_user(payload, user):
    return {**payload, "who": user["username"]}


async def _with_user_async(payload, user):
    return {**payload, "who": user["username"]}


def _with_stars(payload, *args, **kwargs):
    return {**payload, "args": len(args), "kwargs": sorted(kwargs)}


def _with_user_keyword(payload, *, user=None):
    return {**payload, "user": user and user["username"]}


extending("payload-only", _payload_only)
extending("payload-only-async", _payload_only_async)
extending("user", _with_user)
extending("user-async", _with_user_async)
extending("stars", _with_stars)
extending("user-keyword-only", _with_user_keyword)
extending("drops-exp", lambda payload: {"user_id": payload["user_id"]})
extending("drops-id", lambda payload: {"exp": payload["exp"]})
extending("returns-none", lambda payload: None)
extending("returns-list", lambda payload: [payload])
extending("raises", _raise)
extending(
    "drops-iss",
    lambda payload: {k: v for k, v in payload.items() if k != "iss"},
    claim_iss="shop",
)
extending("replaces-exp", lambda payload: {**payload, "exp": 9_999_999_999})
extending(
    "naive-exp",
    lambda payload: {**payload, "exp": datetime(2100, 1, 1, 12)},
)


# Times, as code of the application sees and writes them.
TIMES = {"claim_iat": True, "claim_nbf": True}


def _kinds(payload):
    return {
        name: [type(payload[name]).__name__, str(payload[name].tzinfo)]
        for name in ("exp", "iat", "nbf")
    }


def _later(payload, days=30):
    return {
        name: payload[name] + timedelta(days=days)
        for name in ("exp", "iat", "nbf")
    }


extending("sees-times", lambda p: {**p, "kinds": _kinds(p)}, **TIMES)
extending("moves-times", lambda p: {**p, **_later(p, -1)}, **TIMES)
extending("moves-exp", lambda p: {**p, "exp": p["exp"] + timedelta(days=30)})
extending("far-exp", lambda p: {**p, "exp": datetime(3000, 1, 1)})
custom(
    "sees-times",
    login(),
    *USE,
    key="until",
    setup=lambda self, payload, user: str(type(payload["exp"])),
    verify=lambda self, value: True,
)
custom(
    "moves-exp",
    login(),
    *USE,
    key="exp",
    setup=lambda self, payload, user: payload["exp"] + timedelta(days=30),
    verify=lambda self, value: True,
)


@here.scenario("add-claims-moves-times", login(), *USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def add_claims(self, payload, user, *args, **kwargs):
            payload = await super().add_claims(payload, user, *args, **kwargs)
            payload["kinds"] = _kinds(payload)
            payload["exp"] += timedelta(days=30)
            payload["iat"] -= timedelta(days=1)
            return payload

        async def build_payload(self, user, *args, **kwargs):
            payload = await super().build_payload(user, *args, **kwargs)
            return {**payload, "nbf": datetime(2020, 1, 1)}

    app_auth = front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET, **TIMES
    )
    usual_pages(front, app, app_auth)


@here.scenario("add-claims-with-all-parameters", login(), *USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def add_claims(self, payload, user, inline_claims):
            await super().add_claims(payload, user, inline_claims)
            payload["inline"] = inline_claims
            return payload

    app_auth = front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )
    usual_pages(front, app, app_auth)


@here.scenario("add-claims-with-two-parameters", login())
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def add_claims(self, payload, user):
            return await super().add_claims(payload, user)

    front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )


@here.scenario("add-claims-by-name", login(), *USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def add_claims(self, payload, user, inline_claims=None):
            payload = await super().add_claims(
                payload, user, inline_claims=inline_claims
            )
            return {**payload, "shop": "north"}

    app_auth = front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )
    usual_pages(front, app, app_auth)


extending("not-json", lambda payload: {**payload, "x": object()})


@here.scenario("extend-in-subclass", login(), *USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def extend_payload(self, payload, user=None, *args, **kwargs):
            payload = await super().extend_payload(payload, user)
            payload["who"] = user["username"]
            return payload

    app_auth = front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )
    usual_pages(front, app, app_auth)


@here.scenario("build-payload-in-subclass", login(), *USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def build_payload(self, user, *args, **kwargs):
            return {"user_id": user["user_id"], "shop": "north"}

    app_auth = front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )
    usual_pages(front, app, app_auth)


@here.scenario("build-payload-without-id", login())
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def build_payload(self, user, *args, **kwargs):
            return {"shop": "north"}

    front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )


@here.scenario("add-claims-in-subclass", login(), *USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def add_claims(self, payload, user, *args, **kwargs):
            payload = await super().add_claims(payload, user, *args, **kwargs)
            payload["shop"] = "north"
            return payload

    app_auth = front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )
    usual_pages(front, app, app_auth)
