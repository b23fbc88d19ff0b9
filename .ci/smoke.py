"""Log in and use the token, with nothing but what the package depends on.

`make dist` runs this in an environment that holds one archive, no extras.
"""

import asyncio
import json

from sanic import Sanic
from sanic.response import text

from sanic_jwt_oo import JWTAuth, __version__


class Auth(JWTAuth):
    """One user, no questions asked."""

    def authenticate(self, request):
        """Accept everybody."""
        return {"user_id": 1}


app = Sanic("smoke")
app.config.MOTD = False
auth = Auth(secret="0123456789abcdef" * 4).install(app)


@app.get("/")
@auth.protected()
async def home(request):
    """Answer to those who are logged in."""
    return text("home")


async def lifespan():
    """Start the application as an ASGI server would."""
    messages = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive():
        return {"type": next(messages)}

    async def send(message):
        assert not message["type"].endswith("failed"), message

    await app({"type": "lifespan"}, receive, send)


async def ask(method, path, **headers):
    """Send one request; return status and body."""
    answer = []

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message):
        answer.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "https",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (name.encode(), value.encode()) for name, value in headers.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in answer)
    return answer[0]["status"], body


async def main():
    """Take the way of a first user."""
    await lifespan()
    assert (await ask("GET", "/"))[0] == 401
    status, body = await ask("POST", "/auth")
    assert status == 200, body
    token = json.loads(body)["access_token"]
    answer = await ask("GET", "/", authorization=f"Bearer {token}")
    assert answer == (200, b"home"), answer
    print(f"sanic_jwt_oo {__version__} works alone")


asyncio.run(main())
