r"""A ticker: a page with a WebSocket that it renews as long as it is open.

The page sends its access token as a subprotocol, and the next one over the
socket. A logout closes the socket; so does the end of its token. Open
http://localhost:8000 in a browser.

    curl localhost:8000/
    curl -i localhost:8000/ticker                                     # 426
"""

import asyncio
import os
from hmac import compare_digest
from itertools import count

from sanic import HTTPResponse, Request, Sanic, Websocket
from sanic.response import html

from sanic_jwt_oo import JWTAuth, Payload
from sanic_jwt_oo.exceptions import Unauthorized
from sanic_jwt_oo.sessions import MemorySessionStore

PAGE = """<!DOCTYPE html><title>Ticker</title>
<form><input id="key" value="ada-key"><button>Log in</button></form>
<button id="logout" hidden>Log out</button>
<p id="ticker"></p><p id="state"></p>
<script>
const RENEWAL = 4 * 60 * 1000;
const show = (id, text) => document.getElementById(id).textContent = text;
const form = document.forms[0];
let tokens, socket, timer;

const post = (path, headers, body) => fetch(path, {
  method: "POST", headers, body: body && JSON.stringify(body),
});

const setOpen = (open) => {
  form.hidden = open;
  document.getElementById("logout").hidden = !open;
  clearInterval(timer);
  if (open) timer = setInterval(renew, RENEWAL);
};

const open = () => {
  const url = location.origin.replace("http", "ws") + "/ticker";
  socket = new WebSocket(url, ["bearer", tokens.access_token]);
  socket.onopen = () => { setOpen(true); show("state", "open"); };
  socket.onmessage = ({data}) => {
    const {tick, state} = JSON.parse(data);
    show(tick ? "ticker" : "state", tick || state);
  };
  socket.onclose = ({code, reason}) => {
    setOpen(false);
    show("state", `${code} ${reason}`);
  };
};

const renew = async () => {
  const {refresh_token} = tokens;
  const type = {"Content-Type": "application/json"};
  const response = await post("/auth/refresh", type, {refresh_token});
  if (!response.ok) return;
  Object.assign(tokens, await response.json());
  socket.send(tokens.access_token);
};

form.onsubmit = async (event) => {
  event.preventDefault();
  const key = document.getElementById("key").value;
  const response = await post("/auth", {"X-API-Key": key});
  if (!response.ok) return show("state", response.status);
  tokens = await response.json();
  open();
};
document.getElementById("logout").onclick = () =>
  post("/auth/logout", {Authorization: `Bearer ${tokens.access_token}`});
</script>"""


class Auth(JWTAuth[dict[str, str]]):
    session_store = MemorySessionStore()

    class Configuration:
        expiration_delta = 5 * 60

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None

    def retrieve_user(
        self, request: Request, payload: Payload
    ) -> dict[str, str]:
        return {"user_id": payload["user_id"]}


app = Sanic("Ticker")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/")
async def page(request: Request) -> HTTPResponse:
    return html(PAGE)


@app.websocket("/ticker")
@auth.protected()
async def ticker(request: Request, ws: Websocket) -> None:
    renewing = asyncio.create_task(renewals(ws))
    try:
        for number in count(1):
            await ws.send(f'{{"tick": {number}}}')
            await asyncio.sleep(1)
    finally:
        renewing.cancel()


async def renewals(ws: Websocket) -> None:
    """Renew the socket with each token that the page sends."""
    while isinstance(token := await ws.recv(), str):
        try:
            await auth.renew(ws, token)
        except Unauthorized:
            await ws.send('{"state": "not renewed"}')
        else:
            await ws.send('{"state": "renewed"}')


if __name__ == "__main__":
    app.run(single_process=True)
