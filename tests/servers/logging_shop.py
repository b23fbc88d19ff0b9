"""A shop that logs a warning at install and an error at a request.

The variable `LOGGED` says how and when the application configures logging.
"""

from __future__ import annotations

import logging
import logging.config
import os
import sys

from sanic import Sanic
from sanic.response import text

from sanic_jwt_oo import JWTAuth

SECRET = "a secret that is long enough for every hash of RFC 7518, truly so"


def configure(how):
    if how == "root":
        logging.basicConfig(format="APP %(levelname)s %(message)s")
    if how == "own":
        logging.config.dictConfig(
            {
                "version": 1,
                "disable_existing_loggers": False,
                "formatters": {"own": {"format": "OWN %(message)s"}},
                "handlers": {
                    "own": {
                        "class": "logging.StreamHandler",
                        "formatter": "own",
                    }
                },
                "loggers": {"sanic_jwt_oo": {"handlers": ["own"]}},
            }
        )
    if how == "level":
        logging.config.dictConfig(
            {
                "version": 1,
                "disable_existing_loggers": False,
                "loggers": {"sanic_jwt_oo": {"level": "DEBUG"}},
            }
        )


class Auth(JWTAuth):
    def authenticate(self, request):
        return {"user_id": 1}


how, _, when = os.environ.get("LOGGED", "").partition(" ")
if when == "before":
    configure(how)
if how == "log_config":
    log_config = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"mine": {"format": "MINE %(message)s"}},
        "handlers": {
            "mine": {"class": "logging.StreamHandler", "formatter": "mine"}
        },
        "loggers": {"sanic.root": {"level": "INFO", "handlers": ["mine"]}},
    }
    app = Sanic("LoggingShop", log_config=log_config)
else:
    app = Sanic("LoggingShop", configure_logging=how != "unconfigured")
app.config.MOTD = False
auth = Auth(secret=SECRET).install(app)
Auth(secret=SECRET, url_prefix="/open", do_protection=False).install(app)
if when == "after":
    configure(how)


@app.get("/")
async def ready(request):
    return text("ready")


@app.get("/orders")
@auth.protected()
async def orders(request):
    return text("orders")


@app.get("/odd")
@auth.scoped(lambda request: 5)
async def odd(request):
    return text("odd")


if __name__ == "__main__":
    port, workers = map(int, sys.argv[1:])
    app.run("127.0.0.1", port, workers=workers, single_process=workers == 1)
