"""The programmatic API, used inside a handler."""

import asyncio
from datetime import timedelta

import jwt
from sanic.response import json

from ..shop import REFRESH, SCOPES, Hooks, User, shop
from ..steps import OTHER_SECRET, SECRET, Now, crafted, get, issued, login
from ..subject import Subject

here = Subject("api")
SCENARIOS = here.scenarios

ADA = {"user_id": 1, "username": "ada"}


def using(name, *steps, **settings):
    """A page made of the decorated function of request and auth."""

    def decorator(use):
        def pages(front, app, installed):
            @app.get("/use")
            async def page(request):
                return json(await use(request, app.ctx.auth, front))

        here.add(name, shop(pages=pages, **settings), *steps)
        return use

    return decorator


USE = get("/use")


@using("generate", USE)
async def _(request, auth, front):
    return await auth.generate_access_token(ADA)


@using("generate-for-object", USE)
async def _(request, auth, front):
    return await auth.generate_access_token(User(6, "eve"))


@using("generate-for-none", USE)
async def _(request, auth, front):
    return await auth.generate_access_token(None)


@using("generate-without-id", USE)
async def _(request, auth, front):
    return await auth.generate_access_token({"username": "ada"})


@using("generate-with-scopes", USE, hooks=SCOPES)
async def _(request, auth, front):
    return await auth.generate_access_token(ADA)


@using("generate-extended", USE, hooks=("extend_payload",))
async def _(request, auth, front):
    return await auth.generate_access_token(ADA)


@using("generate-extended-inline", USE)
async def _(request, auth, front):
    def extend(payload, user):
        return {**payload, "who": user["username"]}

    return await auth.generate_access_token(ADA, extend_payload=extend)


@using("generate-extended-inline-async", USE)
async def _(request, auth, front):
    async def extend(payload, user):
        return {**payload, "who": user["username"]}

    return await auth.generate_access_token(ADA, extend_payload=extend)


@using("generate-extended-both", USE, hooks=("extend_payload",))
async def _(request, auth, front):
    def extend(payload, user):
        return {**payload, "seen": sorted(payload)}

    return await auth.generate_access_token(ADA, extend_payload=extend)


@using("generate-extended-inline-times", USE, claim_iat=True)
async def _(request, auth, front):
    def extend(payload, user):
        seen = str(type(payload["iat"]))
        exp = payload["exp"] + timedelta(days=30)
        return {**payload, "exp": exp, "iat": 1, "seen": seen}

    return await auth.generate_access_token(ADA, extend_payload=extend)


def _region(front):
    class Region(front.Claim):
        key = "region"

        def setup(self, payload, user):
            return "north"

        def verify(self, value):
            return value == "north"

    return Region


@using("generate-with-inline-claim", USE)
async def _(request, auth, front):
    token = await auth.generate_access_token(
        ADA, custom_claims=[_region(front)]
    )
    return [
        token,
        await auth.verify_token(token, custom_claims=[_region(front)]),
        await auth.verify_token(token),
    ]


@using("verify-without-inline-claim", USE)
async def _(request, auth, front):
    token = await auth.generate_access_token(ADA)
    return await auth.verify_token(token, custom_claims=[_region(front)])


def _verifying(name, token, **settings):
    """``verify_token`` with a token given in the query string."""

    @using(name, get("/use", query={"t": token}), **settings)
    async def _(request, auth, front):
        try:
            verified = await auth.verify_token(request.args.get("t"))
            payload = await auth.verify_token(
                request.args.get("t"), return_payload=True
            )
        except Exception as error:
            return {"raised": True, "says": error.args}
        return {"verified": verified, "payload": payload}


_verifying("verify-good", crafted())
_verifying("verify-expired", crafted(exp=Now(-1000)))
_verifying("verify-other-secret", crafted(secret=OTHER_SECRET))
_verifying("verify-garbage", "garbage")
_verifying("verify-empty-object", crafted(user_id=None, exp=None))
_verifying("verify-other-issuer", crafted(iss="mill"), claim_iss="shop")
_verifying("verify-audience", crafted(aud="web"), claim_aud="web")
_verifying(
    "verify-user-secret",
    crafted(secret=f"{SECRET} of user 1"),
    hooks=("retrieve_user_secret",),
)


@using("verify-expired-raises", USE)
async def _(request, auth, front):
    token = jwt.encode({"user_id": 1, "exp": 1}, SECRET, algorithm="HS256")
    try:
        await auth.verify_token(token)
    except jwt.ExpiredSignatureError:
        return "pyjwt's error"
    except front.exceptions.SanicJWTException as error:
        return type(error).__name__


def _reading(name, read, **settings):
    """A read of the request, asked with several tokens."""
    using(
        name,
        get("/use", "good", bearer=crafted(scopes=["a:read", "b"])),
        get("/use", "missing"),
        get("/use", "garbage", bearer="garbage"),
        get("/use", "expired", bearer=crafted(exp=Now(-1000))),
        get("/use", "malformed header", headers={"authorization": "x"}),
        get("/use", "without claims", bearer=crafted(user_id=None)),
        **settings,
    )(read)


async def _payload(request, auth, front):
    return await auth.extract_payload(request)


async def _payload_unverified(request, auth, front):
    return await auth.extract_payload(request, verify=False)


async def _scopes(request, auth, front):
    return await auth.extract_scopes(request)


async def _user_id(request, auth, front):
    return await auth.extract_user_id(request)


async def _is_authenticated(request, auth, front):
    return await auth.is_authenticated(request)


_reading("extract-payload", _payload)
_reading("extract-payload-unverified", _payload_unverified)
_reading("extract-scopes", _scopes)
_reading("extract-scopes-of-another-name", _scopes, scopes_name="rights")
_reading("extract-user-id", _user_id)
_reading("extract-user-id-of-another-name", _user_id, user_id="scopes")
_reading("is-authenticated", _is_authenticated)
_reading("is-authenticated-in-debug", _is_authenticated, debug=True)
_reading("is-authenticated-without-exp", _is_authenticated, verify_exp=False)


@using("generate-refresh-token", USE, hooks=REFRESH)
async def _(request, auth, front):
    return await auth.generate_refresh_token(request, ADA)


@using("generate-refresh-token-without-store", USE)
async def _(request, auth, front):
    return await auth.generate_refresh_token(request, ADA)


@using("call-a-handler", USE, hooks=("retrieve_user",))
async def _(request, auth, front):
    return auth.retrieve_user(request, {"user_id": 2})


@using("call-a-missing-handler", USE)
async def _(request, auth, front):
    return await auth.retrieve_user(request, {"user_id": 2})


@using("settings", USE, access_token_name="jwt")
async def _(request, auth, front):
    config = auth.config
    return {
        "called": config.access_token_name(),
        "got": config.get("access_token_name"),
        "got unknown": config.get("nothing"),
        "in": "leeway" in config,
        "alias in": "public_key" in config,
    }


@using("setting-updated", USE, get("/use", "again"))
async def _(request, auth, front):
    before = auth.config.expiration_delta()
    auth.config.expiration_delta.update(60)
    return [before, await auth.generate_access_token(ADA)]


# Overrides.
@using("override", USE)
async def _(request, auth, front):
    with auth.override(expiration_delta=60, access_token_name="jwt"):
        inside = [
            await auth.generate_access_token(ADA),
            auth.config.access_token_name(),
        ]
    after = [
        await auth.generate_access_token(ADA),
        auth.config.access_token_name(),
    ]
    return [inside, after]


@using(
    "override-verify-exp", get("/use", query={"t": crafted(exp=Now(-1000))})
)
async def _(request, auth, front):
    with auth.override(verify_exp=False):
        return await auth.verify_token(request.args.get("t"))


@using("override-by-alias", USE)
async def _(request, auth, front):
    with auth.override(public_key=OTHER_SECRET):
        token = await auth.generate_access_token(ADA)
        inside = await auth.verify_token(token)
    try:
        return [inside, await auth.verify_token(token)]
    except Exception as error:
        return [inside, error.args]


@using("override-unknown", USE)
async def _(request, auth, front):
    with auth.override(no_such_setting=1):
        return await auth.generate_access_token(ADA)


@using("override-nested", USE)
async def _(request, auth, front):
    names = []
    with auth.override(access_token_name="a"):
        names.append(auth.config.access_token_name())
        with auth.override(refresh_token_name="b"):
            names.append(auth.config.access_token_name())
            names.append(auth.config.refresh_token_name())
        names.append(auth.config.refresh_token_name())
    return [*names, auth.config.access_token_name()]


@using("override-nested-same-setting", USE)
async def _(request, auth, front):
    names = []
    with auth.override(access_token_name="a"):
        with auth.override(access_token_name="b"):
            names.append(auth.config.access_token_name())
        names.append(auth.config.access_token_name())
    return [*names, auth.config.access_token_name()]


@using("override-request-reading", get("/use", bearer=crafted(exp=Now(-1000))))
async def _(request, auth, front):
    with auth.override(verify_exp=False):
        inside = await auth.is_authenticated(request)
    return [inside, await auth.is_authenticated(request)]


@using("override-seen-by-another-task", USE)
async def _(request, auth, front):
    inside = asyncio.Event()
    seen = []

    async def other():
        await inside.wait()
        seen.append(auth.config.access_token_name())

    task = asyncio.create_task(other())
    with auth.override(access_token_name="mine"):
        inside.set()
        await task
    return seen


@here.scenario(
    "authenticated-page",
    get("/use", "good", bearer=crafted()),
    get("/use", "missing"),
)
def _(front, app):
    shop()(front, app)

    @app.get("/use")
    async def page(request):
        if await request.app.ctx.auth.is_authenticated(request):
            return json({"hello": "user"})
        return json({"hello": "guest"})


@here.scenario(
    "token-for-a-login-page", login("/in"), get("/protected", bearer=issued())
)
def _(front, app):
    hooks = Hooks(front)
    shop()(front, app)

    @app.post("/in")
    async def page(request):
        user = hooks.authenticate(request)
        token = await app.ctx.auth.generate_access_token(user)
        return json({"access_token": token})
