"""Algorithms, secrets and keys."""

from pathlib import Path

from sanic.response import json

from ..forging import with_claims
from ..keys import files, pair, secret_file, weak_rsa_pair
from ..shop import Hooks, shop, usual_pages
from ..steps import OTHER_SECRET, SECRET, crafted, edited, get, issued, login
from ..subject import Subject

here = Subject("algorithm")
SCENARIOS = here.scenarios

USE = (
    login(),
    get("/payload", bearer=issued()),
    get("/auth/verify", bearer=issued()),
    get("/protected", bearer=issued()),
)
BAD = get(
    "/protected",
    "changed signature",
    bearer=edited(issued(), lambda t: t[:-20] + "A" * 20),
)

for name in ("HS256", "HS384", "HS512"):
    here.add(name, shop(algorithm=name), *USE, BAD)

for family in ("RS", "ES", "PS"):
    for size in ("256", "384", "512"):
        name = family + size

        def build(front, app, name=name):
            private, public = pair(name)
            shop(algorithm=name, secret=public, private_key=private)(
                front, app
            )

        here.add(name, build, *USE, BAD)

        def build_from_files(front, app, name=name):
            private, public = files(name)
            shop(algorithm=name, secret=public, private_key=private)(
                front, app
            )

        here.add(f"{name}-files", build_from_files, *USE)


def keyed(name, *steps, algorithm="RS256", **keys):
    """A shop with keys that are made when it is built."""

    def build(front, app):
        settings = {k: v() for k, v in keys.items()}
        shop(algorithm=algorithm, **settings)(front, app)

    here.add(name, build, *(steps or USE))


def _private():
    return pair("RS256")[0]


def _public():
    return pair("RS256")[1]


keyed("public-key-alias", public_key=_public, private_key=_private)
keyed(
    "paths-as-text",
    secret=lambda: str(files("RS256")[1]),
    private_key=lambda: str(files("RS256")[0]),
)
keyed(
    "keys-as-bytes",
    secret=lambda: _public().encode(),
    private_key=lambda: _private().encode(),
)
keyed("private-key-missing", secret=_public)
keyed("private-key-empty", secret=_public, private_key=str)
keyed(
    "private-key-path-missing",
    secret=_public,
    private_key=lambda: Path("/nonexistent/key.pem"),
)
keyed(
    "public-key-path-missing",
    secret=lambda: Path("/nonexistent/key.pem"),
    private_key=_private,
)
keyed("private-key-garbage", secret=_public, private_key=lambda: "garbage")
keyed("public-key-garbage", secret=lambda: "garbage", private_key=_private)
keyed(
    "private-key-as-both",
    secret=_private,
    private_key=_private,
)
keyed(
    "keys-do-not-match",
    secret=lambda: pair("RS256", 1)[1],
    private_key=_private,
)
keyed(
    "keys-of-another-family",
    secret=lambda: pair("ES256")[1],
    private_key=lambda: pair("ES256")[0],
)
keyed(
    "curve-does-not-fit",
    algorithm="ES256",
    secret=lambda: pair("ES384")[1],
    private_key=lambda: pair("ES384")[0],
)
keyed(
    "weak-rsa-key",
    secret=lambda: weak_rsa_pair()[1],
    private_key=lambda: weak_rsa_pair()[0],
)
keyed("public-key-as-hmac-secret", algorithm="HS256", secret=_public)
keyed(
    "hmac-with-useless-private-key",
    algorithm="HS256",
    secret=lambda: SECRET,
    private_key=_private,
)
keyed(
    "confusion",
    get(
        "/protected",
        bearer=lambda m: with_claims(_public()),
    ),
    get("/auth/verify", bearer=lambda m: with_claims(_public())),
    secret=_public,
    private_key=_private,
)


for name, algorithm in {
    "unknown": "HS1024",
    "none": "none",
    "None": "None",
    "empty": "",
    "lower-case": "hs256",
    "null": None,
}.items():
    here.add(f"named-{name}", shop(algorithm=algorithm), *USE)

for name, secret in {
    "null": None,
    "empty": "",
    "blank": "   ",
    "short": "short",
    "bytes": SECRET.encode(),
    "non-ascii": "żółw " * 20,
    "number": 12345,
    "path-missing": Path("/nonexistent/secret.txt"),
}.items():
    here.add(f"secret-{name}", shop(secret=secret), *USE)

here.add(
    "secret-short-for-512", shop(secret="s" * 40, algorithm="HS512"), *USE
)


@here.scenario(
    "secret-from-file", *USE, get("/protected", "crafted", bearer=crafted())
)
def _(front, app):
    shop(secret=secret_file(SECRET))(front, app)


@here.scenario(
    "secret-default", *USE, get("/protected", "other", bearer=crafted())
)
def _(front, app):
    front.Initialize(app, authenticate=Hooks(front).authenticate)
    usual_pages(front, app, None)


@here.scenario(
    "secret-public-default",
    *USE,
    get(
        "/protected",
        "made with 1.8.0's published secret",
        bearer=crafted(secret="This is a big secret. Shhhhh"),
    ),
)
def _(front, app):
    front.Initialize(app, authenticate=Hooks(front).authenticate)
    usual_pages(front, app, None)


here.add(
    "secret-given-as-public-default",
    shop(secret="This is a big secret. Shhhhh"),
    *USE,
)

# Verifying only.
here.add(
    "auth-mode-off",
    shop(auth_mode=False),
    login(),
    get("/auth/me", bearer=crafted()),
    get("/auth/verify", bearer=crafted()),
    get("/protected", bearer=crafted()),
    get("/protected", "missing"),
    get("/protected", "bad", bearer=crafted(secret=OTHER_SECRET)),
)
here.add(
    "auth-mode-off-with-user",
    shop(auth_mode=False, hooks=("retrieve_user",)),
    get("/auth/me", bearer=crafted()),
    get("/protected", bearer=crafted()),
)


@here.scenario(
    "auth-mode-off-without-handlers", get("/protected", bearer=crafted())
)
def _(front, app):
    installed = front.Initialize(app, auth_mode=False, secret=SECRET)
    usual_pages(front, app, installed)


@here.scenario(
    "auth-mode-off-asymmetric-public-only",
    get(
        "/protected",
        bearer=lambda m: crafted(secret=_private(), algorithm="RS256")(m),
    ),
)
def _(front, app):
    shop(auth_mode=False, algorithm="RS256", secret=_public())(front, app)


# A secret a user.
USER_SECRET = {"hooks": ("retrieve_user_secret",)}
USER_1 = f"{SECRET} of user 1"
here.add("user-secret", shop(**USER_SECRET), *USE)
here.add("user-secret-async", shop(**USER_SECRET, awaitable=True), *USE)
here.add(
    "user-secret-enabled-too",
    shop(**USER_SECRET, user_secret_enabled=True),
    *USE,
)
here.add(
    "user-secret-tokens",
    shop(**USER_SECRET),
    get("/protected", "own", bearer=crafted(secret=USER_1)),
    get("/protected", "global secret", bearer=crafted()),
    get("/protected", "another's", bearer=crafted(secret=USER_1, user_id=2)),
    get("/protected", "no id", bearer=crafted(secret=USER_1, user_id=None)),
    get("/protected", "garbage", bearer="garbage"),
    get("/protected", "list", bearer=crafted(secret=USER_1, user_id=[1])),
    get("/auth/verify", bearer=crafted(secret=USER_1)),
    get("/auth/verify", "verify wrong", bearer=crafted()),
    get("/auth/verify", "verify garbage", bearer="garbage"),
)


@here.scenario(
    "user-secret-of-strict-hook",
    login(),
    *[
        get("/protected", name, bearer=token)
        for name, token in {
            "issued": issued(),
            "unknown user": crafted(user_id=99),
            "list": crafted(user_id=[1]),
            "dict": crafted(user_id={"a": 1}),
            "missing": crafted(user_id=None),
        }.items()
    ],
)
def _(front, app):
    secrets = {1: USER_1, 2: OTHER_SECRET}

    async def retrieve_user_secret(user_id, **kwargs):
        return secrets[user_id]

    shop(retrieve_user_secret=retrieve_user_secret)(front, app)


@here.scenario("user-secret-in-subclass", *USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def retrieve_user_secret(self, user_id, **kwargs):
            return hooks.retrieve_user_secret(user_id)

    installed = front.Initialize(
        app,
        secret=SECRET,
        user_secret_enabled=True,
        authentication_class=ShopAuthentication,
    )
    usual_pages(front, app, installed)


@here.scenario("user-secret-none", *USE)
def _(front, app):
    async def retrieve_user_secret(user_id, **kwargs):
        return None

    shop(retrieve_user_secret=retrieve_user_secret)(front, app)


@here.scenario("user-secret-other-id", *USE)
def _(front, app):
    async def retrieve_user_secret(user_id, **kwargs):
        return f"{SECRET} of user {user_id}"

    async def authenticate(request):
        return {"id": 4}

    shop(
        authenticate=authenticate,
        user_id="id",
        retrieve_user_secret=retrieve_user_secret,
    )(front, app)


@here.scenario("user-secret-asymmetric", *USE)
def _(front, app):
    async def retrieve_user_secret(user_id, encode=False, **kwargs):
        return _private() if encode else _public()

    shop(
        algorithm="RS256",
        secret=_public(),
        private_key=_private(),
        retrieve_user_secret=retrieve_user_secret,
    )(front, app)


@here.scenario("user-secret-encode-argument", login(), get("/seen"))
def _(front, app):
    seen = []

    def retrieve_user_secret(user_id, encode="absent", **kwargs):
        seen.append([user_id, encode])
        return USER_1

    @app.get("/seen")
    async def page(request):
        return json(seen)

    shop(retrieve_user_secret=retrieve_user_secret)(front, app)


here.add("user-secret-without-hook", shop(user_secret_enabled=True))
