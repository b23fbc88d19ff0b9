"""Set-ups that cannot work, and what the programmer is told."""

from sanic import Blueprint
from sanic.response import text

from ..shop import REFRESH, Hooks, shop
from ..steps import SECRET, get, issued, login
from ..subject import Subject

here = Subject("setup")
SCENARIOS = here.scenarios


@here.scenario("without-authenticate")
def _(front, app):
    front.Initialize(app, secret=SECRET)


@here.scenario("subclass-without-authenticate")
def _(front, app):
    class ShopAuthentication(front.Authentication):
        pass

    front.Initialize(
        app, secret=SECRET, authentication_class=ShopAuthentication
    )


@here.scenario("authenticate-requires-more", login())
def _(front, app):
    def authenticate(request, password):
        return {"user_id": 1}

    front.Initialize(app, secret=SECRET, authenticate=authenticate)


@here.scenario("without-instance")
def _(front, app):
    front.Initialize(secret=SECRET, authenticate=Hooks(front).authenticate)


for label, instance in {
    "none": None,
    "text": "app",
    "object": object(),
}.items():

    @here.scenario(f"instance-{label}")
    def _(front, app, instance=instance):
        front.Initialize(
            instance, secret=SECRET, authenticate=Hooks(front).authenticate
        )


@here.scenario("blueprint-never-registered", get("/open"), login())
def _(front, app):
    @app.get("/open")
    async def page(request):
        return text("open")

    front.Initialize(
        Blueprint("Shop"),
        app=app,
        secret=SECRET,
        authenticate=Hooks(front).authenticate,
    )


for kind in ("authentication", "configuration", "responses"):

    @here.scenario(f"{kind}-class-wrong")
    def _(front, app, kind=kind):
        shop(**{f"{kind}_class": object})(front, app)

    @here.scenario(f"{kind}-class-instance")
    def _(front, app, kind=kind):
        shop(**{f"{kind}_class": object()})(front, app)


for key in (
    "SANIC_JWT_HANDLER_PAYLOAD_SCOPES",
    "SANIC_JWT_PAYLOAD_HANDLER",
    "SANIC_JWT_HANDLER_PAYLOAD_EXTEND",
):
    here.add(f"deprecated-{key.lower()}", shop(app_config={key: "some.path"}))

here.add("authenticate-not-callable", shop(authenticate="no"), login())
for name, hooks in {
    "authenticate": (),
    "store_refresh_token": REFRESH,
    "retrieve_refresh_token": REFRESH,
    "add_scopes_to_payload": (),
    "retrieve_user_secret": (),
}.items():
    here.add(f"none-as-{name}", shop(hooks=hooks, **{name: None}), login())


@here.scenario("authenticate-of-the-class-not-callable")
def _(front, app):
    kind = type("Shop", (front.Authentication,), {"authenticate": "no"})
    front.Initialize(app, authentication_class=kind, secret=SECRET)


# `None` for each setting of 1.8.0, which may mean that it is not set.
OPTIONAL = (
    "claim_aud",
    "claim_iat",
    "claim_iss",
    "claim_nbf",
    "claim_nbf_delta",
    "cookie_domain",
    "cookie_expires",
    "cookie_max_age",
    "cookie_samesite",
    "cookie_secure",
    "cookie_set",
    "cookie_split",
    "debug",
    "login_redirect_url",
    "private_key",
    "query_string_set",
    "refresh_token_enabled",
    "scopes_enabled",
    "strict_slashes",
    "user_secret_enabled",
)
NEEDED = (
    "access_token_name",
    "algorithm",
    "auth_mode",
    "authorization_header",
    "blueprint_name",
    "cookie_access_token_name",
    "cookie_httponly",
    "cookie_path",
    "cookie_split_signature_name",
    "cookie_strict",
    "do_protection",
    "expiration_delta",
    "leeway",
    "path_to_authenticate",
    "query_string_access_token_name",
    "query_string_strict",
    "scopes_name",
    "url_prefix",
    "user_id",
    "verify_exp",
)
for name in (*OPTIONAL, *NEEDED):
    kind = "optional" if name in OPTIONAL else "needed"
    here.add(
        f"none-for-{kind}-{name}",
        shop(**{name: None}),
        login(),
        get("/protected", bearer=issued()),
        get("/protected", "without a token"),
    )
here.add(
    "none-for-all",
    shop(**dict.fromkeys((*OPTIONAL, "authorization_header_prefix"))),
    login(),
    get("/protected", headers={"authorization": issued()}),
)

here.add(
    "unknown-setting",
    shop(no_such_setting=True),
    login(),
    get("/protected", bearer=issued()),
)
here.add(
    "misspelt-setting",
    shop(acces_token_name="jwt"),
    login(),
)
here.add(
    "unknown-setting-of-the-app",
    shop(app_config={"SANIC_JWT_NO_SUCH_SETTING": 1}),
    login(),
)
here.add("expiration-as-text", shop(expiration_delta="60"), login())
here.add(
    "leeway-as-text",
    shop(leeway="60"),
    login(),
    get("/protected", bearer=issued()),
)
here.add(
    "leeway-as-words",
    shop(leeway="soon"),
    login(),
    get("/protected", bearer=issued()),
)
here.add("url-prefix-without-slash", shop(url_prefix="auth"), login())
here.add(
    "path-without-slash", shop(path_to_verify="verify"), get("/auth/verify")
)
here.add("paths-collide", shop(path_to_verify="/me"), login())
here.add("custom-claims-none", shop(custom_claims=None), login())
here.add(
    "extra-verifications-none",
    shop(extra_verifications=None),
    login(),
    get("/protected", bearer=issued()),
)
here.add("class-views-empty", shop(class_views=[]), login())


@here.scenario("returns")
def _(front, app):
    installed = front.Initialize(
        app, secret=SECRET, authenticate=Hooks(front).authenticate
    )
    return {
        "kind": type(installed).__name__,
        "app": installed.app is app,
        "instance": installed.instance is app,
        "blueprint": type(installed.bp).__name__,
        "on blueprint": installed.instance_is_blueprint,
        "configuration": isinstance(installed.config, front.Configuration),
        "responses": isinstance(installed.responses, front.Responses),
        "auth": isinstance(app.ctx.auth, front.Authentication),
        "auth's config": app.ctx.auth.config is installed.config,
        "auth's app": app.ctx.auth.app is app,
    }


def _attributes(installed):
    return {
        "kwargs": sorted(installed.kwargs),
        "blueprint": [installed.bp.name, installed.bp.url_prefix],
        "prefix": installed._get_url_prefix(),
    }


@here.scenario("attributes")
def _(front, app):
    hooks = Hooks(front)
    return _attributes(
        front.Initialize(
            app,
            authenticate=hooks.authenticate,
            store_refresh_token=hooks.store_refresh_token,
            retrieve_refresh_token=hooks.retrieve_refresh_token,
            retrieve_user=hooks.retrieve_user,
            add_scopes_to_payload=hooks.add_scopes_to_payload,
            generate_refresh_token=hooks.generate_refresh_token,
            extra_verifications=[lambda payload: True],
            custom_claims=[],
            class_views=[],
            authentication_class=front.Authentication,
            url_prefix="/in",
            leeway=5,
            secret=SECRET,
        )
    )


@here.scenario("attributes-on-blueprint")
def _(front, app):
    app.config.SANIC_JWT_SECRET = SECRET
    return _attributes(
        front.Initialize(
            Blueprint("Shop", url_prefix="/shop"),
            app=app,
            authenticate=Hooks(front).authenticate,
        )
    )


@here.scenario("attributes-without-endpoints")
def _(front, app):
    app.config.SANIC_JWT_SECRET = SECRET
    return _attributes(front.Initialize(app, auth_mode=False))


@here.scenario("initialize-returns")
def _(front, app):
    installed = front.initialize(app, Hooks(front).authenticate, secret=SECRET)
    return isinstance(installed, front.Initialize)


@here.scenario("handlers-are-on-auth")
def _(front, app):
    hooks = Hooks(front)
    front.Initialize(
        app,
        secret=SECRET,
        authenticate=hooks.authenticate,
        retrieve_user=hooks.retrieve_user,
    )
    auth = app.ctx.auth
    return {
        "authenticate": auth.authenticate == hooks.authenticate,
        "retrieve_user": auth.retrieve_user == hooks.retrieve_user,
    }


@here.scenario("handler-and-subclass", login())
def _(front, app):
    async def authenticate(request):
        return {"user_id": "from the keyword"}

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return {"user_id": "from the subclass"}

    front.Initialize(
        app,
        secret=SECRET,
        authentication_class=ShopAuthentication,
        authenticate=authenticate,
    )


@here.scenario("installed-after-routes", get("/open"), login())
def _(front, app):
    @app.get("/open")
    async def page(request):
        return text("open")

    shop(pages=lambda *args: None)(front, app)
