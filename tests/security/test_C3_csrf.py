"""C3: an unsafe method needs a CSRF value that is bound to the token.

An attacker can make a browser send its cookies and can, from a sibling host,
set cookies. They can neither read cookies nor set headers. So a request needs
more than a cookie.
"""

from __future__ import annotations

import jwt
import pytest
from httpx import ASGITransport, AsyncClient
from sanic import Blueprint
from sanic.response import json as json_response
from sanic.response import text
from sanic.views import HTTPMethodView

from sanic_jwt_oo import (
    BaseEndpoint,
    Claim,
    JWTAuth,
    inject_user,
    protected,
    scoped,
)
from sanic_jwt_oo.exceptions import (
    CSRFFailed,
    InvalidConfiguration,
    MissingRegisteredClaim,
)

from .forging import ADA, NOW, SECRET, token
from .server import served
from .shops import (
    CONTENT,
    Shop,
    class_front,
    csrf,
    hooks_of,
    is_content,
    is_refused,
    new_app,
    new_shop,
    open_shop,
)
from .wire import start

pytestmark = pytest.mark.requirement("C3")

COOKIES = {"cookie_set": True}
ON = {"class": COOKIES, "legacy": {**COOKIES, "csrf_protect": True}}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
PREFIX = {"class": "__Host-", "legacy": ""}
DOORS = ("/change", "/change/scoped", "/change/user", "/change/view")
DOORS += ("/change/checked", "/change/verified")


def add_changes(app, auth):
    """Add a route that changes something, for every kind of guard."""

    @app.route("/change", methods=UNSAFE, name="change")
    @protected(auth)
    async def change(request):
        return text(CONTENT)

    @app.route("/change/scoped", methods=UNSAFE, name="change_scoped")
    @scoped("orders:read", initialized_on=auth)
    async def change_scoped(request):
        return text(CONTENT)

    @app.route("/change/user", methods=UNSAFE, name="change_user")
    @protected(auth)
    @inject_user(auth)
    async def change_user(request, user):
        assert user
        return text(CONTENT)

    class View(HTTPMethodView):
        @protected(auth)
        async def post(self, request):
            return text(CONTENT)

        put = patch = delete = post

    app.add_route(View.as_view(), "/change/view", name="change_view")

    @app.route("/change/checked", methods=UNSAFE, name="change_checked")
    async def change_checked(request):
        await auth.check(request)
        return text(CONTENT)

    @app.route("/change/verified", methods=UNSAFE, name="change_verified")
    async def change_verified(request):
        await auth.verify_request(request)
        return text(CONTENT)

    @app.post("/change/public", name="change_public")
    @inject_user(auth)
    async def change_public(request, user):
        return json_response(
            {
                "user": user,
                "known": await auth.is_authenticated(request),
                "id": await auth.extract_user_id(request),
            }
        )

    @app.post("/change/open", name="change_open")
    @protected(auth, csrf_protect=False)
    async def change_open(request):
        await auth.check(request)
        return text(CONTENT)


async def logged_in(front="class", name="ada", **settings):
    """Open a shop and log in; return it with the cookies."""
    shop = new_shop(front, **{**ON[front], **settings})
    add_changes(shop.app, shop.auth)
    return shop, (await shop.log_in(name)).cookies


def value_of(cookies):
    (value,) = csrf(cookies).values()
    return value


def in_header(value):
    return {"x-csrf-token": value}


# --- what is issued ---------------------------------------------------------


async def test_the_value_is_a_claim_of_the_token_and_a_cookie(front):
    _, cookies = await logged_in(front)
    claims = jwt.decode(
        cookies[f"{PREFIX[front]}access_token"],
        options={"verify_signature": False},
    )
    assert claims["csrf"] == value_of(cookies)
    assert len(claims["csrf"]) >= 22  # of 6 bits: 128 and more


async def test_every_token_has_a_value_of_its_own():
    shop, cookies = await logged_in()
    others = [(await shop.log_in()).cookies for _ in range(10)]
    assert len({value_of(one) for one in (cookies, *others)}) == 11


async def test_scripts_can_read_the_cookie_and_nothing_else_is_lax():
    shop = open_shop(**COOKIES)
    line = (await shop.log_in()).set_cookies["__Host-csrf_token"]
    _, *attributes = line.split("; ")
    assert set(attributes) == {"Path=/", "SameSite=Lax", "Secure"}


async def test_the_cookie_has_the_path_and_domain_of_the_access_cookie():
    shop = open_shop(
        **COOKIES, cookie_path="/shop", cookie_domain="shop.example"
    )
    line = (await shop.log_in()).set_cookies["csrf_token"]
    assert {"Path=/shop", "Domain=shop.example"} <= set(line.split("; "))


async def test_the_names_of_cookie_and_header_are_settings():
    names = {"csrf_cookie_name": "seal", "csrf_header_name": "x-seal"}
    shop, cookies = await logged_in(**names)
    value = cookies["__Host-seal"]
    response = await shop.post(
        "/change", cookies=cookies, headers={"X-Seal": value}
    )
    assert is_content(response)
    response = await shop.post(
        "/change", cookies=cookies, headers=in_header(value)
    )
    assert is_refused(response, 403)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "é", "a\r\nb"])
@pytest.mark.parametrize("setting", ["csrf_cookie_name", "csrf_header_name"])
def test_an_invalid_name_is_refused_at_install(setting, name):
    with pytest.raises(InvalidConfiguration, match=setting):
        new_shop(**COOKIES, **{setting: name})


@pytest.mark.parametrize(
    "other",
    [
        "cookie_access_token_name",
        "cookie_refresh_token_name",
        "cookie_split_signature_name",
    ],
)
def test_the_name_of_another_cookie_is_refused_at_install(other):
    with pytest.raises(InvalidConfiguration, match=other):
        new_shop(**COOKIES, **{other: "csrf_token"})
    new_shop(**{other: "csrf_token"})


async def test_without_cookies_tokens_have_no_csrf_claim(front):
    shop = new_shop(front, csrf_protect=True)
    add_changes(shop.app, shop.auth)
    login = await shop.log_in()
    made = login.json["access_token"]
    claims = jwt.decode(made, options={"verify_signature": False})
    assert "csrf" not in claims
    assert login.cookies == {}
    assert is_content(await shop.post("/change", made))


# --- who is refused ---------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
async def test_an_unsafe_request_with_the_cookie_alone_is_refused(front, door):
    shop, cookies = await logged_in(front)
    for method in UNSAFE:
        response = await shop(method, door, cookies=cookies)
        assert is_refused(response, 403)
        assert response.json["exception"] == "CSRFFailed"
        response = await shop(
            method, door, cookies=cookies, headers=csrf(cookies)
        )
        assert is_content(response)


@pytest.mark.parametrize(
    "path", ["/protected", "/scoped", "/user", "/auth/me"]
)
async def test_safe_methods_need_no_value(front, path):
    shop, cookies = await logged_in(front)
    assert (await shop.get(path, cookies=cookies)).status == 200
    options = await shop("OPTIONS", "/auth/me", cookies=cookies)
    assert options.status == 204


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_every_safe_method_reaches_a_handler_of_the_application(
    front, method
):
    shop, cookies = await logged_in(front)
    reached = []

    async def handler(request):
        reached.append(request.method)
        return text(CONTENT)

    guarded = protected(shop.auth)(handler)
    shop.app.add_route(guarded, "/safe", methods=[method], name="safe")
    assert (await shop(method, "/safe", cookies=cookies)).status == 200
    # without a credential a preflight is answered without the handler (H7)
    status = 204 if method == "OPTIONS" else 401
    assert (await shop(method, "/safe")).status == status
    assert reached == [method]


async def test_head_of_an_endpoint_needs_no_value(front):
    shop, cookies = await logged_in(front)
    for path in ("/auth/me", "/auth/verify"):
        assert (await shop("HEAD", path, cookies=cookies)).status == 200


async def test_an_unknown_method_is_unsafe(front):
    shop, cookies = await logged_in(front)
    for method in ("PURGE", "get", "post", "HEADS"):
        response = await shop(method, "/change", cookies=cookies)
        assert response.status < 500
        assert CONTENT not in response.text


async def test_cookie_equals_header_is_not_enough(front):
    shop, cookies = await logged_in(front)
    for planted in ("planted", value_of(cookies)[:-1], "0" * 32):
        name = f"{PREFIX[front]}csrf_token"
        response = await shop.post(
            "/change",
            cookies={**cookies, name: planted},
            headers=in_header(planted),
        )
        assert is_refused(response, 403)


async def test_the_csrf_cookie_alone_is_not_accepted(front):
    shop, cookies = await logged_in(front)
    headers = csrf(cookies)
    name = f"{PREFIX[front]}csrf_token"
    for planted in ({}, {name: "planted"}):
        sent = {n: v for n, v in cookies.items() if n != name} | planted
        response = await shop.post("/change", cookies=sent, headers=headers)
        assert is_content(response)


async def test_another_users_value_is_refused(front):
    shop, adas = await logged_in(front)
    bobs = (await shop.log_in("bob")).cookies
    response = await shop.post("/change", cookies=adas, headers=csrf(bobs))
    assert is_refused(response, 403)
    name = f"{PREFIX[front]}csrf_token"
    response = await shop.post(
        "/change", cookies={**adas, name: bobs[name]}, headers=csrf(bobs)
    )
    assert is_refused(response, 403)


async def test_the_value_of_an_older_token_is_refused(front):
    shop, old = await logged_in(front)
    new = (await shop.log_in()).cookies
    for cookies, headers in ((new, csrf(old)), (old, csrf(new))):
        response = await shop.post("/change", cookies=cookies, headers=headers)
        assert is_refused(response, 403)


@pytest.mark.parametrize(
    "change",
    [
        lambda value: [],
        lambda value: [""],
        lambda value: [" "],
        lambda value: [value, value],
        lambda value: [value, "other"],
        lambda value: ["other", value],
        lambda value: ["", value],
        lambda value: [f"{value}, {value}"],
        lambda value: [f'"{value}"'],
        lambda value: [f"{value}\u00a0"],
        lambda value: [f"\x0b{value}"],
        lambda value: [value.swapcase()],
        lambda value: [value[:-1]],
        lambda value: [f"{value}="],
        lambda value: [f"{value}\0"],
        lambda value: [value + "é"],
        lambda value: [b"\xff\xfe" + value.encode()],
        lambda value: ["é"],
        lambda value: [b"\xff"],
        lambda value: [b"\xed\xa0\x80"],
        lambda value: ["null"],
        lambda value: ["x" * 60_000],
    ],
)
async def test_another_header_is_refused(front, change):
    shop, cookies = await logged_in(front)
    headers = [("x-csrf-token", v) for v in change(value_of(cookies))]
    response = await shop.post("/change", cookies=cookies, headers=headers)
    assert is_refused(response, 403)


@pytest.mark.parametrize(
    "value", [None, "", 0, 1, True, [], ["x"], {}, {"x": 1}]
)
@pytest.mark.parametrize("given", ["", "x", "1", "None", "True", "null"])
async def test_an_ill_typed_csrf_claim_matches_nothing(front, value, given):
    shop = open_shop(front, **ON[front], refresh_token_enabled=True)
    cookies = {f"{PREFIX[front]}access_token": token(csrf=value)}
    sent = {"cookies": cookies, "headers": in_header(given)}
    assert is_refused(await shop.post("/auth/refresh", **sent), 403)
    assert is_content(await shop.get("/protected", **sent))


async def test_a_token_without_the_claim_is_only_accepted_for_reading(front):
    shop, cookies = await logged_in(front)
    old = {**cookies, f"{PREFIX[front]}access_token": token(scopes=["orders"])}
    assert is_content(await shop.get("/protected", cookies=old))
    response = await shop.post("/change", cookies=old, headers=csrf(old))
    assert is_refused(response, 403)


async def test_an_invalid_token_is_a_401_before_csrf_is_checked(front):
    shop, cookies = await logged_in(front)
    name = f"{PREFIX[front]}access_token"
    for bad in (token(secret=SECRET[::-1]), token(exp=NOW - 900), "x"):
        response = await shop.post(
            "/change", cookies={**cookies, name: bad}, headers=csrf(cookies)
        )
        assert is_refused(response)


async def test_debug_adds_a_reason_and_changes_no_status():
    said = {}
    for debug in (False, True):
        shop, cookies = await logged_in(debug=debug)
        responses = [
            await shop.post("/change", cookies=cookies, headers=headers)
            for headers in ({}, in_header("x"))
        ]
        assert all(is_refused(response, 403) for response in responses)
        said[debug] = [response.json["reasons"] for response in responses]
    assert said[False] == [["CSRF value missing or wrong."]] * 2
    assert said[True] == [
        ["x-csrf-token was sent 0 times."],
        ["x-csrf-token does not match the token."],
    ]


@pytest.mark.parametrize("form", ["{} ", "{}\t", " \t{}", "\t {}\t "])
async def test_white_space_around_the_value_is_stripped(front, form):
    """RFC 9110 section 5.5; any other white space belongs to the value."""
    shop, cookies = await logged_in(front)
    headers = in_header(form.format(value_of(cookies)))
    response = await shop.post("/change", cookies=cookies, headers=headers)
    assert is_content(response)


# --- every way in -----------------------------------------------------------


async def test_a_forged_request_has_no_user(front):
    shop, cookies = await logged_in(front)
    forged = await shop.post("/change/public", cookies=cookies)
    assert forged.json == {"user": None, "known": False, "id": None}
    own = await shop.post(
        "/change/public", cookies=cookies, headers=csrf(cookies)
    )
    assert own.json["user"]["user_id"] == own.json["id"] == ADA
    assert own.json["known"] is True


async def test_a_cached_token_is_checked_with_every_request(front):
    shop, cookies = await logged_in(front)
    sent = {"cookies": cookies, "headers": csrf(cookies)}
    for _ in range(3):
        assert is_content(await shop.post("/change", **sent))
        assert is_refused(await shop.post("/change", cookies=cookies), 403)
    assert shop.auth.cache_info().hits >= 5


@pytest.mark.parametrize("split", [False, True])
async def test_split_cookies_need_the_value_too(front, split):
    shop, cookies = await logged_in(front, cookie_split=split)
    assert is_refused(await shop.post("/change", cookies=cookies), 403)
    response = await shop.post(
        "/change", cookies=cookies, headers=csrf(cookies)
    )
    assert is_content(response)


async def test_custom_claims_and_verifications_do_not_replace_the_check(front):
    class Shopper(Claim):
        key = "shopper"

        def setup(self, payload, user):
            return True

        def verify(self, value):
            return value

    def verification(payload):
        payload["csrf"] = (
            "x"  # a changed payload must not change the comparison
        )
        return True

    shop, cookies = await logged_in(
        front, custom_claims=[Shopper], extra_verifications=[verification]
    )
    for headers in ({}, in_header("x")):
        response = await shop.post("/change", cookies=cookies, headers=headers)
        assert is_refused(response, 403)
    response = await shop.post(
        "/change", cookies=cookies, headers=csrf(cookies)
    )
    assert is_content(response)


async def test_user_secrets_do_not_replace_the_check(front):
    shop = new_shop(front, **ON[front], user_secret_enabled=True)
    shop.secrets[ADA] = "ada " * 16
    add_changes(shop.app, shop.auth)
    cookies = (await shop.log_in()).cookies
    for _ in range(2):
        assert is_refused(await shop.post("/change", cookies=cookies), 403)
        sent = {"cookies": cookies, "headers": csrf(cookies)}
        assert is_content(await shop.post("/change", **sent))


async def test_a_refresh_needs_the_value_of_the_access_token(front):
    shop, cookies = await logged_in(front, refresh_token_enabled=True)
    stranger = (await shop.log_in("bob")).cookies
    for headers in ({}, csrf(stranger), in_header("x")):
        response = await shop.post(
            "/auth/refresh", cookies=cookies, headers=headers
        )
        assert is_refused(response, 403)
        assert "set-cookie" not in response.headers
    response = await shop.post(
        "/auth/refresh", cookies=cookies, headers=csrf(cookies)
    )
    assert response.status == 200


async def test_an_expired_token_can_be_refreshed_with_its_value(front):
    shop, cookies = await logged_in(front, refresh_token_enabled=True)
    expired = token(exp=NOW - 9000, csrf="of the expired one")
    cookies = {**cookies, f"{PREFIX[front]}access_token": expired}
    for headers in ({}, csrf(cookies)):
        response = await shop.post(
            "/auth/refresh", cookies=cookies, headers=headers
        )
        assert is_refused(response, 403)
    response = await shop.post(
        "/auth/refresh",
        cookies=cookies,
        headers=in_header("of the expired one"),
    )
    assert response.status == 200
    renewed = {**cookies, **response.cookies}
    assert value_of(renewed) != value_of(cookies)
    response = await shop.post(
        "/change", cookies=renewed, headers=csrf(renewed)
    )
    assert is_content(response)


async def test_endpoints_of_the_application_are_covered(front):
    class Buy(BaseEndpoint):
        async def post(self, request):
            await self.auth.check(request)
            return text(CONTENT)

    shop = new_shop(front, **ON[front], class_views=[("/buy", Buy)])
    cookies = (await shop.log_in()).cookies
    path = "/auth/buy"
    assert is_refused(await shop.post(path, cookies=cookies), 403)
    sent = {"cookies": cookies, "headers": csrf(cookies)}
    assert is_content(await shop.post(path, **sent))


async def test_an_upload_is_refused_before_it_is_read(front):
    shop, cookies = await logged_in(front)
    read = []

    @shop.app.post("/upload", stream=True)
    @protected(shop.auth)
    async def upload(request):
        async for chunk in request.stream:
            read.append(chunk)
        return text(CONTENT)

    shop.app.router.reset()
    shop.app.finalize()
    sent = {"cookies": cookies, "body": "a file"}
    assert is_refused(await shop.post("/upload", **sent), 403)
    assert read == []
    response = await shop.post("/upload", **sent, headers=csrf(cookies))
    assert is_content(response)
    assert read == [b"a file"]


async def test_a_forged_request_is_not_redirected_to_the_login_page(front):
    shop, cookies = await logged_in(front)

    @shop.app.post("/page")
    @protected(shop.auth, redirect_on_fail=True)
    async def page(request):
        return text(CONTENT)

    shop.app.router.reset()
    shop.app.finalize()
    assert is_refused(await shop.post("/page", cookies=cookies), 403)
    assert (await shop.post("/page")).status == 302


async def test_routes_of_a_blueprint_are_covered():
    shop = Shop(new_app())
    bp = Blueprint(f"bp-{shop.app.name}", url_prefix="/shop")
    hooks = {**hooks_of(shop), "now": lambda: NOW}
    auth = class_front(
        Shop(bp, users=shop.users), hooks, secret=SECRET, **COOKIES
    )
    add_changes(bp, auth)
    shop.app.blueprint(bp)
    cookies = (await shop.log_in(path="/shop/auth")).cookies
    for door in DOORS:
        path = f"/shop{door}"
        assert is_refused(await shop.post(path, cookies=cookies), 403)
        sent = {"cookies": cookies, "headers": csrf(cookies)}
        assert is_content(await shop.post(path, **sent))


async def test_two_installations_do_not_share_values():
    shop = Shop(new_app())
    hooks = {**hooks_of(shop), "now": lambda: NOW}
    both = {}
    for name in ("one", "two"):
        bp = Blueprint(f"{name}-{shop.app.name}", url_prefix=f"/{name}")
        both[name] = class_front(
            Shop(bp, users=shop.users),
            hooks,
            secret=SECRET,
            cookie_access_token_name=name,
            csrf_cookie_name=f"{name}-csrf",
            **COOKIES,
        )
        add_changes(bp, both[name])
        shop.app.blueprint(bp)
    cookies = {
        **(await shop.log_in(path="/one/auth")).cookies,
        **(await shop.log_in(path="/two/auth")).cookies,
    }
    assert len(cookies) == 4
    for name, other in (("one", "two"), ("two", "one")):
        path = f"/{name}/change"
        for value, let_in in ((name, True), (other, False)):
            headers = in_header(cookies[f"__Host-{value}-csrf"])
            response = await shop.post(path, cookies=cookies, headers=headers)
            assert (
                is_content(response) if let_in else is_refused(response, 403)
            )


# --- who needs none ---------------------------------------------------------


async def test_a_token_in_the_header_needs_no_value(front):
    shop, _ = await logged_in(front, cookie_strict=False)
    bearer = token(scopes=["orders:read"])
    for door in DOORS:
        assert is_content(await shop.post(door, bearer))


async def test_a_token_in_the_query_string_needs_no_value():
    shop, _ = await logged_in(
        cookie_strict=False, query_string_set=True, query_string_strict=False
    )
    assert is_content(await shop.post(f"/change?access_token={token()}"))


async def test_the_same_token_in_the_header_replaces_the_value():
    shop, cookies = await logged_in(cookie_strict=False)
    bearer = cookies["__Host-access_token"]
    assert is_content(await shop.post("/change", bearer, cookies=cookies))
    another = await shop.post("/change", token(), cookies=cookies)
    assert is_refused(another, 400)


@pytest.mark.parametrize(
    "settings",
    [
        {},  # the header is not read
        {"cookie_strict": False, "single_credential": False},
        {"cookie_strict": False, "query_string_set": True},
    ],
    ids=str,
)
async def test_a_token_header_that_is_not_read_does_not_replace_the_value(
    settings,
):
    shop, cookies = await logged_in(**settings)
    for bearer in ("x", token(), cookies["__Host-access_token"]):
        response = await shop.post("/change", bearer, cookies=cookies)
        assert is_refused(response, 403)


@pytest.mark.parametrize("scheme", ["Basic", "Digest", ""])
async def test_a_header_of_another_scheme_does_not_replace_the_value(scheme):
    shop, cookies = await logged_in(cookie_strict=False)
    headers = {"authorization": f"{scheme} {cookies['__Host-access_token']}"}
    response = await shop.post("/change", cookies=cookies, headers=headers)
    assert is_refused(response, 403)


async def test_the_same_token_in_the_query_string_does_not_replace_the_value():
    shop, cookies = await logged_in(
        cookie_strict=False, query_string_set=True, query_string_strict=False
    )
    path = f"/change?access_token={cookies['__Host-access_token']}"
    assert is_refused(await shop.post(path, cookies=cookies), 403)


async def test_a_login_needs_no_value(front):
    shop, cookies = await logged_in(front)
    response = await shop.post(
        "/auth",
        cookies=cookies,
        json={"username": "bob", "password": "builder"},
    )
    assert response.status == 200


# --- switches ---------------------------------------------------------------


async def test_the_legacy_form_does_not_check_by_default():
    shop = open_shop("legacy", **COOKIES)
    login = await shop.log_in()
    assert [*login.cookies] == ["access_token"]
    made = login.json["access_token"]
    claims = jwt.decode(made, options={"verify_signature": False})
    assert "csrf" not in claims


@pytest.mark.parametrize("front", ["class", "legacy"])
async def test_the_check_can_be_switched_off(front):
    shop, cookies = await logged_in(front, csrf_protect=False)
    assert [*cookies] == [f"{PREFIX[front]}access_token"]
    for door in DOORS:
        assert is_content(await shop.post(door, cookies=cookies))


async def test_the_check_can_be_switched_off_for_one_route(front):
    shop, cookies = await logged_in(front)
    for _ in range(2):
        response = await shop.post("/change/open", cookies=cookies)
        assert is_content(response)
        assert is_refused(await shop.post("/change", cookies=cookies), 403)


async def test_the_check_can_be_switched_on_for_one_route(front):
    shop, cookies = await logged_in(front, csrf_protect=False)

    @shop.app.post("/guarded")
    @protected(shop.auth, csrf_protect=True)
    async def guarded(request):
        return text(CONTENT)

    shop.app.router.reset()
    shop.app.finalize()
    assert is_refused(await shop.post("/guarded", cookies=cookies), 403)


async def test_an_override_in_one_block_does_not_affect_the_next():
    shop, cookies = await logged_in()
    seen = []

    @shop.app.post("/twice")
    async def twice(request):
        with shop.auth.override(csrf_protect=False):
            seen.append(await shop.auth.is_authenticated(request))
        seen.append(await shop.auth.is_authenticated(request))
        with pytest.raises(CSRFFailed):
            await shop.auth.check(request)
        return text("")

    shop.app.router.reset()
    shop.app.finalize()
    assert (await shop.post("/twice", cookies=cookies)).status == 200
    assert seen == [True, False]


async def test_tokens_issued_on_an_unchecked_route_work_on_checked_ones():
    shop, _ = await logged_in()

    @shop.app.post("/guest")
    async def guest(request):
        with shop.auth.override(csrf_protect=False):
            made = await shop.auth.generate_access_token(shop.users[ADA])
            return shop.auth.responses.get_token_response(
                request, made, {}, shop.auth.config
            )

    shop.app.router.reset()
    shop.app.finalize()
    cookies = (await shop.post("/guest")).cookies
    sent = {"cookies": cookies, "headers": csrf(cookies)}
    assert is_content(await shop.post("/change", **sent))


async def test_settings_of_the_request_decide():
    class Configuration:
        def get_cookie_set(self, request):
            return "x-browser" in request.headers

    shop = Shop(new_app())
    hooks = {n: staticmethod(hook) for n, hook in hooks_of(shop).items()}
    members = {"Configuration": Configuration, **hooks}
    auth = type("Auth", (JWTAuth,), members)(secret=SECRET)
    auth.install(shop.app)
    add_changes(shop.app, auth)
    program = await shop.log_in()
    assert program.cookies == {}
    bearer = program.json["access_token"]
    assert is_content(await shop.post("/change", bearer))

    browser = [("x-browser", "1")]
    body = {"username": "ada", "password": "lovelace"}
    cookies = (await shop.post("/auth", headers=browser, json=body)).cookies
    sent = {"cookies": cookies, "headers": browser}
    assert is_refused(await shop.post("/change", **sent), 403)
    sent["headers"] = [*browser, *csrf(cookies).items()]
    assert is_content(await shop.post("/change", **sent))


# --- what the application overrides -----------------------------------------


async def test_payload_hooks_keep_the_csrf_claim():
    class Auth(JWTAuth):
        class Configuration:
            cookie_set = True

        def authenticate(self):
            return {"user_id": 1}

        def build_payload(self, user):
            return {"user_id": user["user_id"], "csrf": "always the same"}

        def add_claims(self, payload, user):
            return {**payload, "exp": 4_000_000_000}

        def extend_payload(self, payload):
            assert payload["csrf"] != "always the same"
            return {**payload, "more": True}

    shop = Shop(new_app())
    auth = Auth(secret=SECRET).install(shop.app)
    add_changes(shop.app, auth)
    cookies = (await shop.post("/auth", json={})).cookies
    assert is_refused(await shop.post("/change", cookies=cookies), 403)
    sent = {"cookies": cookies, "headers": csrf(cookies)}
    assert is_content(await shop.post("/change", **sent))


async def test_a_hook_that_drops_the_claim_raises(front):
    shop = new_shop(
        front,
        **ON[front],
        extend_payload=lambda payload: {
            n: v for n, v in payload.items() if n != "csrf"
        },
    )
    with pytest.raises(MissingRegisteredClaim, match="csrf"):
        await shop.auth.generate_access_token(shop.users[ADA])


async def test_the_cookie_matches_the_token_that_is_sent():
    class Auth(JWTAuth):
        class Configuration:
            cookie_set = True

        class Responses:
            async def get_access_token_output(self, user):
                await self.auth.generate_access_token(user)
                return await self.auth.generate_access_token(user), {}

        def authenticate(self):
            return {"user_id": 1}

    shop = Shop(new_app())
    auth = Auth(secret=SECRET).install(shop.app)
    add_changes(shop.app, auth)
    cookies = (await shop.post("/auth", json={})).cookies
    sent = {"cookies": cookies, "headers": csrf(cookies)}
    assert is_content(await shop.post("/change", **sent))


@pytest.mark.parametrize(
    "made", ["opaque", "a.b.c", token(), token(csrf=7), token(csrf="")]
)
async def test_a_custom_token_without_the_claim_is_logged(made, caplog):
    class Auth(JWTAuth):
        class Configuration:
            cookie_set = True

        class Responses:
            def get_access_token_output(self):
                return made, {}

        def authenticate(self):
            return {"user_id": 1}

    shop = Shop(new_app())
    Auth(secret=SECRET).install(shop.app)
    response = await shop.post("/auth", json={})
    assert [*response.cookies] == ["__Host-access_token"]
    assert "csrf" in caplog.text
    assert made not in caplog.text


# --- as a browser does it ---------------------------------------------------


async def test_a_browser_logs_in_and_changes_something():
    shop = new_shop(**COOKIES, refresh_token_enabled=True)
    add_changes(shop.app, shop.auth)
    await start(shop.app)
    async with AsyncClient(
        transport=ASGITransport(shop.app), base_url="https://shop.example"
    ) as browser:
        body = {"username": "ada", "password": "lovelace"}
        await browser.post("/auth", json=body)
        assert (await browser.post("/change")).status_code == 403

        for _ in range(2):
            value = browser.cookies["__Host-csrf_token"]
            headers = {"X-CSRF-Token": value}
            assert (await browser.get("/protected")).status_code == 200
            changed = await browser.post("/change", headers=headers)
            assert changed.status_code == 200
            forged = await browser.post("/auth/refresh")
            assert forged.status_code == 403
            assert browser.cookies["__Host-csrf_token"] == value
            renewed = await browser.post("/auth/refresh", headers=headers)
            assert renewed.status_code == 200
            assert browser.cookies["__Host-csrf_token"] != value
            old = await browser.post("/change", headers=headers)
            assert old.status_code == 403


async def test_a_real_connection_is_checked_alike():
    shop = new_shop(**COOKIES, cookie_secure=False)
    add_changes(shop.app, shop.auth)
    async with (
        served(shop.app) as server,
        AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as browser,
    ):
        body = {"username": "ada", "password": "lovelace"}
        await browser.post("/auth", json=body)
        value = browser.cookies["csrf_token"]
        hostile = [
            [],
            [(b"x-csrf-token", b"")],
            [(b"x-csrf-token", b"\xff")],
            [(b"x-csrf-token", value.encode())] * 2,
        ]
        for headers in hostile:
            response = await browser.post("/change", headers=headers)
            assert response.status_code == 403
            assert response.json()["exception"] == "CSRFFailed"
        headers = {"X-CSRF-Token": value}
        assert (await browser.post("/change", headers=headers)).is_success


# --- WebSockets -------------------------------------------------------------


def handshake(*pairs):
    return [
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
        *pairs,
    ]


FOREIGN = [
    "https://attacker.example",
    "https://neighbour.shop.example",
    "https://shop.example.attacker.example",
    "https://shop.example:8443",
    "http://shop.example:443",
    "https://shop.example@attacker.example",
    "https://xshop.example",
    "null",
    "",
    "shop.example",
    "https://[",
    "chrome-extension://shop",
]
OWN = ["https://shop.example", "http://SHOP.example", "http://shop.example:80"]
OWN.append("https://shop.example:443")


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_another_origin_cannot_open_a_websocket(front, origin):
    shop, cookies = await logged_in(front)
    headers = handshake(("origin", origin))
    response = await shop.get("/protected", cookies=cookies, headers=headers)
    assert is_refused(response, 403)
    headers += in_header("made up").items()
    response = await shop.get("/protected", cookies=cookies, headers=headers)
    assert is_refused(response, 403)


async def test_two_origin_headers_are_refused(front):
    shop, cookies = await logged_in(front)
    for pages in ((FOREIGN[0], OWN[0]), (OWN[0], FOREIGN[0])):
        headers = handshake(*(("origin", page) for page in pages))
        response = await shop.get(
            "/protected", cookies=cookies, headers=headers
        )
        assert is_refused(response, 403)


@pytest.mark.parametrize("origin", OWN)
async def test_a_page_of_the_same_origin_can_open_a_websocket(front, origin):
    shop, cookies = await logged_in(front)
    headers = handshake(("origin", origin))
    response = await shop.get("/protected", cookies=cookies, headers=headers)
    assert is_content(response)


@pytest.mark.parametrize(
    ("host", "origin", "lets_in"),
    [
        ("shop.example:443", "https://shop.example", True),
        ("shop.example:443", "https://shop.example:443", True),
        ("shop.example:443", "http://shop.example", False),
        ("shop.example:80", "http://shop.example", True),
        ("shop.example:80", "https://shop.example", False),
        ("shop.example:8443", "https://shop.example:8443", True),
        ("shop.example:8443", "https://shop.example", False),
        ("shop.example:4430", "https://shop.example", False),
    ],
)
async def test_a_default_port_may_be_left_out_of_the_origin(
    front, host, origin, lets_in
):
    shop, cookies = await logged_in(front)
    pairs = [("origin", origin), ("host", host)]
    headers = handshake(*pairs)
    response = await shop.get("/protected", cookies=cookies, headers=headers)
    assert is_content(response) if lets_in else is_refused(response, 403)


async def test_a_page_of_a_trusted_origin_can_open_a_websocket(front):
    trusted = {"trusted_origins": [FOREIGN[0]]}
    shop, cookies = await logged_in(front, **trusted)
    for pages, let_in in (
        ((FOREIGN[0],), True),
        ((FOREIGN[0], OWN[0]), True),
        ((FOREIGN[1],), False),
        ((FOREIGN[0], FOREIGN[1]), False),
    ):
        headers = handshake(*(("origin", page) for page in pages))
        response = await shop.get(
            "/protected", cookies=cookies, headers=headers
        )
        assert is_content(response) if let_in else is_refused(response, 403)


async def test_a_client_without_an_origin_can_open_a_websocket(front):
    shop, cookies = await logged_in(front)
    response = await shop.get(
        "/protected", cookies=cookies, headers=handshake()
    )
    assert is_content(response)


async def test_a_cross_origin_websocket_with_the_value_is_accepted(front):
    shop, cookies = await logged_in(front)
    headers = handshake(("origin", FOREIGN[0]), *csrf(cookies).items())
    response = await shop.get("/protected", cookies=cookies, headers=headers)
    assert is_content(response)


async def test_a_cross_origin_websocket_with_a_token_in_the_header_is_accepted(
    front,
):
    shop = new_shop(front, **ON[front], cookie_strict=False)
    headers = handshake(("origin", FOREIGN[0]))
    response = await shop.get("/protected", token(), headers=headers)
    assert is_content(response)


async def test_any_page_can_open_a_websocket_where_the_check_is_off(front):
    shop, cookies = await logged_in(front, csrf_protect=False)
    headers = handshake(("origin", FOREIGN[0]))
    response = await shop.get("/protected", cookies=cookies, headers=headers)
    assert is_content(response)


@pytest.mark.parametrize(
    ("origin", "lets_in"), [(FOREIGN[0], False), (OWN[0], True)]
)
async def test_a_page_of_the_same_origin_reaches_a_websocket_handler(
    origin, lets_in
):
    shop, cookies = await logged_in()
    reached = []

    @shop.app.websocket("/feed")
    @shop.auth.protected()
    async def feed(request, ws):
        reached.append(request.headers["origin"])

    pairs = "; ".join(f"{k}={v}" for k, v in cookies.items())
    lines = [
        f"{name}: {value}"
        for name, value in handshake(
            ("host", "shop.example"), ("origin", origin), ("cookie", pairs)
        )
    ]
    head = "\r\n".join(["GET /feed HTTP/1.1", *lines, "", ""])
    async with served(shop.app) as server:
        connection = await server.connect()
        await connection.send(head.encode())
        await connection.closed()

    assert bool(reached) is lets_in
