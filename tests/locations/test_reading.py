"""Where tokens are read from, and in which order."""

from __future__ import annotations

import logging
from json import dumps

import pytest
from sanic.response import json

from tests.conftest import SECRET, Auth, RefreshAuth, answer_payload


@pytest.fixture
def tokens(app, client):
    """Install with the settings given; return tokens of two users."""

    async def install(**settings):
        auth = Auth(secret=SECRET, **settings).install(app)
        app.get("/")(auth.protected()(answer_payload))
        app.router.reset()
        one = await auth.generate_access_token({"user_id": 1})
        two = await auth.generate_access_token({"user_id": 2})
        return one, two

    return install


def header(value):
    return {"headers": [("Authorization", value)]}


@pytest.mark.requirement("H3")
@pytest.mark.parametrize(
    "form", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer    {}"]
)
async def test_the_scheme_ignores_case_and_extra_spaces(tokens, client, form):
    one, _ = await tokens()
    assert (await client.get("/", **header(form.format(one)))).status == 200


@pytest.mark.requirement("H3")
@pytest.mark.parametrize(
    "form",
    [
        "Basic {}",
        "{}",
        "Bearer",
        "Bearer ",
        "Bearer {} x",
        "Bearer {}\tx",
        "Bearer\t{}",
        "Bearer {},x",
        "Bearer Bearer {}",
        "Bearerx {}",
    ],
)
async def test_another_form_is_refused(tokens, client, form):
    one, _ = await tokens()
    response = await client.get("/", **header(form.format(one)))
    assert response.status == 401
    assert response.headers["www-authenticate"].startswith("Bearer ")


async def test_the_header_and_its_scheme_are_settings(tokens, client):
    one, _ = await tokens(
        authorization_header="x-token", authorization_header_prefix=""
    )
    assert (await client.get("/", headers={"X-Token": one})).status == 200
    assert (await client.get("/", one)).status == 401


@pytest.mark.requirement("H4")
async def test_two_headers_are_refused(tokens, client):
    one, two = await tokens()
    pair = [("Authorization", f"Bearer {t}") for t in (one, two)]
    response = await client.get("/", headers=pair)
    assert response.status == 400
    assert response.json["exception"] == "ConflictingCredentials"


@pytest.mark.requirement("H4")
async def test_different_tokens_in_two_places_are_refused(tokens, client):
    one, two = await tokens(
        cookie_set=True, cookie_strict=False, cookie_host_prefix=False
    )
    cookies = {"access_token": one}
    assert (await client.get("/", two, cookies=cookies)).status == 400
    assert (await client.get("/", one, cookies=cookies)).status == 200
    assert (await client.get("/", cookies=cookies)).status == 200
    assert (await client.get("/", one)).status == 200


@pytest.mark.requirement("H4")
async def test_duplicate_cookies_or_arguments_are_refused(tokens, client):
    one, two = await tokens(
        cookie_set=True,
        cookie_strict=False,
        cookie_host_prefix=False,
        query_string_set=True,
    )
    twice = {"Cookie": f"access_token={one}; access_token={two}"}
    assert (await client.get("/", headers=twice)).status == 400
    query = f"/?access_token={one}&access_token={two}"
    assert (await client.get(query)).status == 400


async def test_a_header_of_another_scheme_is_not_a_second_credential(
    tokens, client
):
    one, _ = await tokens(
        cookie_set=True, cookie_strict=False, cookie_host_prefix=False
    )
    response = await client.get(
        "/", cookies={"access_token": one}, **header("Basic x")
    )
    assert response.status == 200


@pytest.mark.requirement("H4")
async def test_the_first_place_wins_without_single_credential(tokens, client):
    one, two = await tokens(
        cookie_set=True,
        cookie_strict=False,
        cookie_host_prefix=False,
        single_credential=False,
    )
    response = await client.get("/", two, cookies={"access_token": one})
    assert response.json["user_id"] == 1


@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    ("settings", "exception"),
    [
        ({"cookie_set": True}, "cookie"),
        ({"query_string_set": True}, "query argument"),
        (
            {
                "cookie_set": True,
                "cookie_strict": False,
                "query_string_set": True,
            },
            "query argument",
        ),
    ],
)
async def test_nothing_after_a_strict_place_is_read(
    tokens, client, settings, exception
):
    one, _ = await tokens(**settings)
    response = await client.get("/", one)
    assert response.status == 401
    assert response.json["reasons"] == [
        f"Authorization {exception} not present."
    ]


@pytest.mark.requirement("H5")
async def test_a_disabled_place_is_not_read(tokens, client):
    one, _ = await tokens()
    for name in ("access_token", "__Host-access_token"):
        cookies = {name: one}
        assert (await client.get("/", cookies=cookies)).status == 401
    assert (await client.get(f"/?access_token={one}")).status == 401


@pytest.mark.requirement("C2")
async def test_a_cookie_is_read_under_its_full_name_only(tokens, client):
    one, _ = await tokens(cookie_set=True)
    cookies = {"__Host-access_token": one}
    assert (await client.get("/", cookies=cookies)).status == 200
    for name in ("access_token", "__Secure-access_token"):
        assert (await client.get("/", cookies={name: one})).status == 401


@pytest.mark.requirement("C5")
async def test_a_split_token_needs_both_its_cookies(tokens, client):
    one, two = await tokens(
        cookie_set=True, cookie_split=True, cookie_host_prefix=False
    )
    front, _, signature = one.rpartition(".")
    other = two.rpartition(".")[2]
    name = "access_token_signature"

    async def status(**cookies):
        return (await client.get("/", cookies=cookies)).status

    assert await status(access_token=front, **{name: signature}) == 200
    assert await status(access_token=front, **{name: other}) == 401
    assert await status(access_token=front, **{name: ""}) == 401
    assert await status(access_token=front) == 401
    assert await status(**{name: signature}) == 401


@pytest.mark.requirement("H6")
async def test_a_response_to_a_query_token_is_not_stored(
    app, client, tokens, caplog
):
    one, _ = await tokens(query_string_set=True)
    for path in (f"/?access_token={one}", "/?access_token=x.y.z"):
        response = await client.get(path)
        assert response.headers["cache-control"] == "no-store"


@pytest.mark.requirement("H6")
async def test_a_response_to_a_query_token_of_one_route_is_not_stored(
    app, client
):
    auth = Auth(secret=SECRET).install(app)
    guard = auth.protected(query_string_set=True)
    app.get("/download")(guard(answer_payload))
    token = await client.log_in()
    response = await client.get(f"/download?access_token={token}")
    assert response.status == 200
    assert response.headers["cache-control"] == "no-store"
    assert (await client.get("/download", token)).status == 401


@pytest.mark.requirement("H6")
async def test_a_query_token_is_masked_in_the_logs(tokens, caplog):
    await tokens(query_string_set=True)
    address = "GET http://x/?page=1&access_token=e.y.J&refresh_token=s#f"
    for name in ("sanic.access", "sanic.error"):
        logger = logging.getLogger(name)
        logger.propagate = True
        with caplog.at_level(logging.INFO, name):
            logger.info("%s %s", address, 3, extra={"request": address})
        record = caplog.records[-1]
        masked = "GET http://x/?page=1&access_token=***&refresh_token=***#f"
        assert record.request == masked
        assert record.getMessage() == f"{masked} 3"


async def test_a_refresh_token_comes_from_body_cookie_or_query(
    make_app, client
):
    from tests.conftest import Client

    for settings in (
        {},
        {"cookie_set": True, "cookie_strict": False},
        {"query_string_set": True, "query_string_strict": False},
    ):
        app = make_app()
        auth = RefreshAuth(
            secret=SECRET, tokens_in_body=True, **settings
        ).install(app)
        ask = Client(app)
        response = await ask.post("/auth")
        token = response.json["access_token"]
        refresh = response.json["refresh_token"]
        assert auth.stored == {1: refresh}
        path, sent = "/auth/refresh", {"json": {"refresh_token": refresh}}
        if settings.get("cookie_set"):
            sent = {"cookies": {"refresh_token": refresh}}
        elif settings:
            path, sent = f"{path}?refresh_token={refresh}", {}
        assert (await ask.post(path, token, **sent)).status == 200
        form = {"data": {"refresh_token": refresh}}
        assert (await ask.post("/auth/refresh", token, **form)).status == 200
        assert (await ask.post("/auth/refresh", token)).status == 400


CONTENT_TYPES = [
    None,
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",  # curl's, for -d '{...}'
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/octet-stream",
    "?",
]


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("kind", CONTENT_TYPES)
async def test_a_json_body_is_read_whatever_its_content_type(
    app, client, kind
):
    auth = RefreshAuth(secret=SECRET).install(app)
    token = await client.log_in()
    headers = [] if kind is None else [("Content-Type", kind)]
    for given, status in ((auth.stored[1], 200), ("another", 401)):
        response = await client.post(
            "/auth/refresh",
            token,
            headers=headers,
            content=dumps({"refresh_token": given}),
        )
        assert response.status == status


@pytest.mark.requirement("H4")
async def test_a_body_that_is_json_and_a_form_must_have_one_refresh_token(
    app, client
):
    auth = RefreshAuth(secret=SECRET).install(app)
    token = await client.log_in()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    right = auth.stored[1]
    for in_form, status in (("another", 400), (right, 200)):
        body = {"x": f"&refresh_token={in_form}&", "refresh_token": right}
        response = await client.post(
            "/auth/refresh", token, headers=headers, content=dumps(body)
        )
        assert response.status == status


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("kind", CONTENT_TYPES)
@pytest.mark.parametrize("member", ["1", '["a"]', "true", '"\\ud800"'])
async def test_a_refresh_token_in_a_json_body_must_be_text(
    app, client, kind, member
):
    RefreshAuth(secret=SECRET).install(app)
    token = await client.log_in()
    response = await client.post(
        "/auth/refresh",
        token,
        headers=[] if kind is None else [("Content-Type", kind)],
        content=f'{{"refresh_token": {member}}}',
    )
    assert response.status == 400
    assert response.json["exception"] == "InvalidRequestBody"


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({}, "`refresh_token` in the body"),
        ({"refresh_token_name": "again"}, "`again` in the body"),
        ({"cookie_set": True, "cookie_strict": False}, "in the body"),
        ({"cookie_set": True}, "the cookie `refresh_token`"),
        ({"query_string_set": True}, "the query argument `refresh_token`"),
    ],
    ids=str,
)
async def test_the_reason_for_a_missing_refresh_token_names_its_places(
    app, client, settings, place
):
    auth = RefreshAuth(secret=SECRET, csrf_protect=False, **settings)
    auth.install(app)
    token = await auth.generate_access_token(auth.joe)
    for body in ({}, {"json": {}}, {"data": {"a": "b"}}):
        response = await client.post(
            f"/auth/refresh?access_token={token}",
            token,
            cookies={"__Host-access_token": token},
            **body,
        )
        assert response.status == 400
        (reason,) = response.json["reasons"]
        assert reason.startswith("There is no refresh token. Send ")
        assert place in reason


async def test_a_strict_place_is_strict_for_refresh_tokens(make_app):
    from tests.conftest import Client

    for settings, reason in (
        ({"cookie_set": True}, "cookie"),
        ({"query_string_set": True}, "query argument"),
    ):
        app = make_app()
        auth = RefreshAuth(secret=SECRET, **settings).install(app)
        token = await auth.generate_access_token(auth.joe)
        payload = await auth.verify_token(token)
        sent = {
            "cookies": {"__Host-access_token": token},
            "headers": {"X-CSRF-Token": payload.get("csrf", "")},
        }
        response = await Client(app).post(
            f"/auth/refresh?access_token={token}", **sent
        )
        assert response.status == 400
        assert reason in response.json["reasons"][0]


@pytest.mark.requirement("R8")
@pytest.mark.parametrize("member", [1, ["a"], {"a": 1}, True, 0])
async def test_a_refresh_token_must_be_a_string(app, client, member):
    RefreshAuth(secret=SECRET).install(app)
    token = await client.log_in()
    sent = {"json": {"refresh_token": member}}
    response = await client.post("/auth/refresh", token, **sent)
    assert response.status == 400
    assert response.json["exception"] == "InvalidRequestBody"


async def test_a_multipart_form_is_read(app, client):
    class FormAuth(Auth):
        def authenticate(self, request):
            return self.joe if request.form.get("name") == "joe" else None

    FormAuth(secret=SECRET).install(app)
    for sent in (
        {"data": {"name": "joe"}},
        {"files": {"f": b"x"}, "data": {"name": "joe"}},
    ):
        assert (await client.post("/auth", **sent)).status == 200
    assert (await client.post("/auth", json={"name": "joe"})).status == 401
    assert json
