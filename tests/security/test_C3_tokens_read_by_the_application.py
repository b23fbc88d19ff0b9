"""A token that an overridden `read_token` has read may be from a cookie.

Whatever the override has made of the cookie, a request that another site may
have caused is refused; where the client has sent the token by itself, in a
place that no other site can write to, it is not.
"""

import pytest

from sanic_jwt_oo.exceptions import MissingCredentials
from tests.security.shops import csrf
from tests.steps.world import Member, is_open, visit

pytestmark = pytest.mark.requirement("C3")


class Reads(Member):
    """Reads a token from a cookie or a header of its own, and unpacks it."""

    class Configuration:
        cookie_set = True
        tokens_in_body = True

    def read_token(self, request):
        token = request.cookies.get("packed") or request.headers.get("x-token")
        if not token:
            raise MissingCredentials("Send x-token.")
        return token.removeprefix("v1.")


@pytest.mark.parametrize("prefix", ["v1.", ""])
async def test_a_cookie_of_the_application_is_ambient(prefix):
    visitor = await visit(Reads())
    cookies = {"packed": prefix + visitor.access}
    send = visitor.shop
    assert is_open(await send("GET", "/protected", cookies=cookies))
    response = await send("POST", "/protected", cookies=cookies)
    assert (response.status, response.json["exception"]) == (403, "CSRFFailed")
    response = await send(
        "POST", "/protected", cookies=cookies, headers=csrf(visitor.cookies)
    )
    assert is_open(response)


@pytest.mark.parametrize("name", ["referer", "accept-language", "origin"])
async def test_a_header_that_other_sites_can_write_shows_nothing(name):
    visitor = await visit(Reads())
    cookies = {"packed": f"v1.{visitor.access}"}
    headers = {name: visitor.access}
    path = f"/protected?access_token={visitor.access}"
    response = await visitor.shop(
        "POST", path, cookies=cookies, headers=headers
    )
    assert response.status == 403


@pytest.mark.parametrize("cookies", [{}, {"theme": "dark"}])
async def test_a_header_of_the_application_needs_no_csrf_value(cookies):
    visitor = await visit(Reads())
    headers = {"x-token": visitor.access}
    response = await visitor.shop(
        "POST", "/protected", cookies=cookies, headers=headers
    )
    assert is_open(response)
