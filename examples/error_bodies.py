r"""Error bodies of your own: problem details (RFC 9457).

One method makes the response for every error of the package, on its endpoints
and on protected routes. Errors of the application are not affected.

    curl -i localhost:8000/orders                                     # 401
    curl -i -X POST localhost:8000/auth                               # 401
    curl -i localhost:8000/teapot                                     # 418
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    class Responses:
        def exception_response(
            self, request: Request, exception: SanicException
        ) -> HTTPResponse:
            return json(
                {
                    "title": type(exception).__name__,
                    "detail": str(exception),
                    "status": exception.status_code,
                    "instance": request.path,
                },
                status=exception.status_code,
                headers=exception.headers,
                content_type="application/problem+json",
            )

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


@app.get("/teapot")
async def teapot(request: Request) -> HTTPResponse:
    raise SanicException("I am a teapot.", status_code=418)


if __name__ == "__main__":
    app.run(single_process=True)
