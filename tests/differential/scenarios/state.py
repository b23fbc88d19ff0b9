"""What one request must not leave to the next.

Steps that name a connection share it, as keep-alive requests do.
"""

from sanic.response import json

from ..shop import REFRESH, shop, usual_pages
from ..steps import Now, crafted, get, issued, login, post
from ..subject import Subject

here = Subject("state")
SCENARIOS = here.scenarios

EXPIRED = crafted(exp=Now(-1000))


def with_user_that(retrieve):
    """A shop with refresh tokens and this ``retrieve_user``."""
    return shop(hooks=REFRESH[1:], retrieve_user=retrieve)


here.add(
    "expired-token-after-failed-refresh",
    with_user_that(lambda request, payload: None),
    login(),
    post(
        "/auth/refresh",
        bearer=EXPIRED,
        json={"refresh_token": "wrong"},
        connection="a",
    ),
    get("/protected", bearer=EXPIRED, connection="a"),
    get("/auth/verify", bearer=EXPIRED, connection="a"),
)
here.add(
    "expired-token-after-good-refresh",
    shop(hooks=REFRESH),
    login(),
    post(
        "/auth/refresh",
        bearer=EXPIRED,
        json={"refresh_token": issued(key="refresh_token")},
        connection="a",
    ),
    get("/protected", bearer=EXPIRED, connection="a"),
)


def _raising_pages(front, app, installed):
    usual_pages(front, app, installed)

    @app.get("/raises")
    @front.protected(verify_exp=False)
    async def raises(request):
        raise ValueError("x")


here.add(
    "expired-token-after-handler-raised",
    shop(pages=_raising_pages),
    get("/raises", bearer=EXPIRED, connection="a"),
    get("/protected", bearer=EXPIRED, connection="a"),
)


def _override_pages(front, app, installed):
    usual_pages(front, app, installed)

    @app.get("/override")
    async def override(request):
        with app.ctx.auth.override(verify_exp=False):
            raise ValueError("x")


here.add(
    "override-undone-when-the-block-raises",
    shop(pages=_override_pages),
    get("/protected", "before", bearer=EXPIRED),
    get("/override"),
    get("/protected", "after", bearer=EXPIRED),
)


@here.scenario(
    "debug-reason-of-the-previous-request",
    get("/protected", "garbage", bearer="garbage"),
    get("/protected", "missing"),
    get("/protected", "expired", bearer=EXPIRED),
)
def _(front, app):
    shop(debug=True)(front, app)


@here.scenario(
    "claims-not-asked-for-while-configured-by-request",
    get("/issue", "with issuer", query={"iss": "shop"}),
    get("/protected", "without issuer", bearer=crafted()),
)
def _(front, app):
    shop()(front, app)

    @app.get("/issue")
    async def issue(request):
        with app.ctx.auth.override(claim_iss="shop"):
            token = await app.ctx.auth.generate_access_token(
                {"user_id": 1, "username": "ada"}
            )
        return json({"access_token": token})


@here.scenario(
    "token-without-iat-after-one-with",
    get("/issue", "with iat"),
    get("/protected", "without iat", bearer=crafted()),
    login(),
)
def _(front, app):
    shop()(front, app)

    @app.get("/issue")
    async def issue(request):
        with app.ctx.auth.override(claim_iat=True):
            token = await app.ctx.auth.generate_access_token(
                {"user_id": 1, "username": "ada"}
            )
        return json({"access_token": token})


@here.scenario(
    "handler-changes-its-payload",
    get("/change", bearer=crafted(), connection="a"),
    get("/payload", bearer=crafted(), connection="a"),
)
def _(front, app):
    shop()(front, app)

    @app.get("/change")
    @front.protected()
    async def change(request):
        payload = await app.ctx.auth.extract_payload(request)
        payload["user_id"] = 99
        return json(await app.ctx.auth.extract_payload(request))
