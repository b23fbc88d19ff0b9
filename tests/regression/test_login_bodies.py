"""A login by form failed before the hook was called."""

import pytest

from .apps import Shop, both_fronts, install, new_app

pytestmark = both_fronts

FIELDS = {"username": "joe", "password": "hush"}
JSON_BODY = b'{"username": "joe", "password": "hush"}'
PART = b'--limit\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
MULTIPART = (
    PART % (b"username", b"joe")
    + PART % (b"password", b"hush")
    + b"--limit--\r\n"
)


def by_json(request):
    fields = request.json
    right = all(fields.get(key) == FIELDS[key] for key in FIELDS)
    return {"user_id": 1} if right else None


async def by_form(request):
    form = request.form or {}
    right = all(form.get(key) == FIELDS[key] for key in FIELDS)
    return {"user_id": 1} if right else None


def by_either(request):
    kind = request.content_type.lower()
    fields = request.form if "form" in kind else request.json
    right = all((fields or {}).get(key) == FIELDS[key] for key in FIELDS)
    return {"user_id": 1} if right else None


async def log_in(front, hook, kind=None, body=b""):
    app = new_app()
    install(front, app, authenticate=hook)
    headers = {"content-type": kind} if kind else {}
    return await Shop(app).post("/auth", headers=headers, body=body)


JSON_KINDS = ["application/json", "application/json; charset=utf-8", None]
FORM_KINDS = {
    "application/x-www-form-urlencoded": b"username=joe&password=hush",
    "application/x-www-form-urlencoded; charset=utf-8": (
        b"username=joe&password=hush"
    ),
    "Application/X-WWW-Form-URLEncoded": b"username=joe&password=hush",
    "multipart/form-data; boundary=limit": MULTIPART,
    "Multipart/Form-Data; boundary=limit": MULTIPART,
}


@pytest.mark.parametrize("hook", [by_json, by_either])
@pytest.mark.parametrize("kind", JSON_KINDS)
async def test_json_is_accepted(front, hook, kind):
    response = await log_in(front, hook, kind, JSON_BODY)
    assert response.status == 200, response.text


@pytest.mark.parametrize("hook", [by_form, by_either])
@pytest.mark.parametrize("kind", [*FORM_KINDS])
async def test_a_form_is_accepted(front, hook, kind):
    response = await log_in(front, hook, kind, FORM_KINDS[kind])
    assert response.status == 200, response.text


@pytest.mark.parametrize("kind", [*FORM_KINDS])
async def test_a_form_for_a_hook_that_reads_json_is_not_a_5xx(front, kind):
    response = await log_in(front, by_json, kind, FORM_KINDS[kind])
    assert response.status in (400, 401)


async def test_json_for_a_hook_that_reads_a_form_is_not_a_5xx(front):
    response = await log_in(front, by_form, "application/json", JSON_BODY)
    assert response.status == 401


@pytest.mark.parametrize("hook", [by_json, by_form, by_either])
async def test_a_missing_body_is_not_a_5xx(front, hook):
    assert (await log_in(front, hook)).status == 401


@pytest.mark.parametrize("kind", [*FORM_KINDS])
async def test_a_refresh_token_in_a_form_is_accepted(front, kind):
    app = new_app()
    install(front, app)
    shop = Shop(app)
    login = (await shop.post("/auth", json={})).json
    given = login["refresh_token"].encode()
    body = b"refresh_token=" + given
    if "ultipart" in kind.lower():
        body = PART % (b"refresh_token", given) + b"--limit--\r\n"
    response = await shop.post(
        "/auth/refresh",
        login["access_token"],
        headers={"content-type": kind},
        body=body,
    )
    assert response.status == 200, response.text
