"""R8: a hostile id or body at ``/`` and ``/refresh`` is at most a 4xx."""

import hashlib
import json

import pytest

from .forging import ADA, GHOST, token
from .shops import is_refused, new_shop, open_shop

pytestmark = pytest.mark.requirement("R8")

VALUES = [None, True, 1, 1.5, "x", "", [], ["x"], {}, {"$gt": ""}]
FORMS = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-8",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
]
NO_OBJECTS = [b"null", b"[]", b"1", b"true", b'"x"', b"[{}]", b"1.5", b"NaN"]


def is_a_refusal(response):
    return is_refused(response, response.status) and response.status in (
        400,
        401,
    )


def opened(front):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored[ADA] = "the refresh token"
    return shop


@pytest.mark.parametrize("path", ["/auth", "/auth/refresh"])
@pytest.mark.parametrize("body", [*NO_OBJECTS, b"", b" ", b"{", b"\xff", b"x"])
async def test_a_body_that_is_not_an_object_is_refused(front, path, body):
    shop = opened(front)
    headers = {"content-type": "application/json"}
    response = await shop.post(path, token(), headers=headers, body=body)
    assert is_a_refusal(response)


@pytest.mark.parametrize("path", ["/auth", "/auth/refresh"])
@pytest.mark.parametrize("kind", FORMS)
async def test_json_declared_as_a_form_is_refused(front, path, kind):
    shop = opened(front)
    headers = {"content-type": kind}
    for body in (*NO_OBJECTS, b"{}", b"{", b"\xff", b"x"):
        response = await shop.post(path, token(), headers=headers, body=body)
        assert is_a_refusal(response), body


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_a_member_of_another_type_is_refused(front, value):
    shop = opened(front)
    for body in (
        {"username": value, "password": value},
        {"username": "ada", "password": value},
        {"username": value},
        {},
    ):
        assert is_a_refusal(await shop.post("/auth", json=body))


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_a_refresh_token_of_another_type_is_refused(front, value):
    shop = opened(front)
    response = await shop.post(
        "/auth/refresh", token(), json={"refresh_token": value}
    )
    assert is_a_refusal(response)


@pytest.mark.parametrize("body", [{}, {"token": "x"}, {"refresh_token ": "x"}])
async def test_a_missing_refresh_token_is_refused(front, body):
    response = await opened(front).post("/auth/refresh", token(), json=body)
    assert is_refused(response, 400)


@pytest.mark.parametrize("user_id", [*VALUES, GHOST, ...], ids=repr)
async def test_an_ill_typed_user_id_is_refused(front, user_id):
    if user_id == ADA:
        return
    shop = opened(front)
    response = await shop.post(
        "/auth/refresh",
        token(user_id=user_id),
        json={"refresh_token": "the refresh token"},
    )
    assert is_a_refusal(response)


@pytest.mark.parametrize("user_id", [*VALUES, GHOST, ...], ids=repr)
async def test_an_ill_typed_user_id_is_refused_with_user_secrets(
    front, user_id
):
    if user_id == ADA:
        return
    settings = {"user_secret_enabled": True, "refresh_token_enabled": True}
    shop = open_shop(front, **settings)
    shop.secrets[ADA] = "ada " * 16
    response = await shop.post(
        "/auth/refresh",
        token(user_id=user_id, secret="ada " * 16),
        json={"refresh_token": "x"},
    )
    assert is_refused(response)


@pytest.mark.parametrize(
    "given", ["the refresh token", "x", "", "é", "%00", "%ff", "a" * 10_000]
)
async def test_a_hostile_refresh_cookie_is_a_4xx(front, given):
    settings = {"cookie_set": True, "refresh_token_enabled": True}
    shop = open_shop(front, **settings)
    shop.stored[ADA] = "the-refresh-token"
    name = "access_token" if front == "legacy" else "__Host-access_token"
    cookies = {name: token(csrf="value"), "refresh_token": given}
    headers = {"x-csrf-token": "value"}
    response = await shop.post(
        "/auth/refresh", cookies=cookies, headers=headers
    )
    assert is_a_refusal(response)


@pytest.mark.parametrize("given", [b"\xff", b"\xed\xa0\x80", b"x\xc3"])
async def test_a_refresh_cookie_that_is_not_text_reaches_no_hook(front, given):
    def retrieve_refresh_token(user_id, refresh_token):
        return hashlib.sha256(refresh_token.encode()).hexdigest()

    shop = new_shop(
        front,
        cookie_set=True,
        refresh_token_enabled=True,
        retrieve_refresh_token=retrieve_refresh_token,
    )
    name = b"access_token" if front == "legacy" else b"__Host-access_token"
    pairs = name + b"=" + token(csrf="value").encode()
    headers = [
        (b"cookie", pairs + b"; refresh_token=" + given),
        (b"x-csrf-token", b"value"),
    ]
    response = await shop.post("/auth/refresh", headers=headers)
    assert is_refused(response, 400)


@pytest.mark.parametrize("path", ["/auth", "/auth/refresh"])
@pytest.mark.parametrize("name", ["username", "refresh_token", "x"])
async def test_a_form_value_that_is_not_text_reaches_no_hook(
    front, path, name
):
    def authenticate(request):
        return json.dumps(request.form, ensure_ascii=False).encode() and None

    shop = new_shop(
        front, refresh_token_enabled=True, authenticate=authenticate
    )
    lines = [
        "--BOUNDARY",
        f'Content-Disposition: form-data; name="{name}"',
        "Content-Type: text/plain; charset=unicode_escape",
        "",
        "ada\\ud800",
        "--BOUNDARY--",
        "",
    ]
    response = await shop.post(
        path,
        token(),
        headers={"content-type": "multipart/form-data; boundary=BOUNDARY"},
        body="\r\n".join(lines),
    )
    assert is_refused(response, 400)


@pytest.mark.parametrize("path", ["/auth", "/auth/refresh"])
@pytest.mark.parametrize(("opening", "end"), [("[", "]"), ('{"a":', "}")])
async def test_a_deeply_nested_body_with_an_escape_is_a_4xx(
    front, path, opening, end
):
    # the parser accepts deeper nesting than later code
    shop = opened(front)
    headers = {"content-type": "application/json"}
    for depth in (100, *range(850, 1050, 10), 10_000):
        deep = opening * depth + "1" + end * depth
        body = f'{{"username": "\\u0061", "refresh_token": "x", "x": {deep}}}'
        response = await shop.post(path, token(), headers=headers, body=body)
        assert is_a_refusal(response), depth


async def test_a_valid_body_is_accepted(front):
    shop = opened(front)
    body = {"refresh_token": "the refresh token"}
    for response in (
        await shop.post("/auth/refresh", token(), json=body),
        await shop.post("/auth/refresh", token(), form=body),
        await shop.post("/auth/refresh", token(), body=json.dumps(body)),
    ):
        assert response.status == 200
