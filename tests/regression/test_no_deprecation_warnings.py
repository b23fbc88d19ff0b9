"""Python 3.12 and later warned about functions that sanic-jwt used."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sanic_jwt_oo"

USE_EVERYTHING = """
import asyncio, importlib, pkgutil, warnings
import sanic, jwt, httptools, multidict
from sanic import Sanic, Blueprint
from sanic.response import json

warnings.simplefilter("error")
import sanic_jwt_oo
from sanic_jwt_oo import Initialize, JWTAuth, inject_user, protected, scoped

for module in pkgutil.walk_packages(sanic_jwt_oo.__path__, "sanic_jwt_oo."):
    importlib.import_module(module.name)

SECRET, USER, stored = "s" * 64, {"user_id": 1}, {}


class Auth(JWTAuth):
    class Configuration:
        claim_iat = claim_nbf = refresh_token_enabled = True

    def authenticate(self):
        return USER

    def retrieve_user(self, payload):
        return USER

    def store_refresh_token(self, user_id, refresh_token):
        stored[user_id] = refresh_token

    def retrieve_refresh_token(self, user_id):
        return stored[user_id]


async def main():
    app = Sanic("Warned")
    auth = Auth(secret=SECRET).install(app)
    bp = Blueprint("bp", url_prefix="/bp")
    Initialize(bp, authenticate=lambda: USER, secret=SECRET)
    app.blueprint(bp)
    token = await auth.generate_access_token(USER)
    assert (await auth.verify_token(token))["user_id"] == 1
    with auth.override(leeway=1):
        assert await auth.verify_token(token)


asyncio.run(main())
print("quiet")
"""


@cache
def interpreters():
    """Interpreters with the required packages, 3.12 and later first."""
    found = [shutil.which(f"python3.{minor}") for minor in (14, 13, 12)]
    able = [path for path in found if path and can_run(path)]
    return [*able, sys.executable]


def can_run(path):
    probe = [path, "-c", "import sanic, jwt, typing_extensions"]
    result = subprocess.run(probe, capture_output=True, check=False)
    return result.returncode == 0


def test_nothing_warns():
    for path in interpreters():
        result = subprocess.run(
            [path, "-c", USE_EVERYTHING],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        assert result.stdout.strip() == "quiet", result.stderr


@pytest.mark.parametrize(
    "page", sorted(PACKAGE.rglob("*.py")), ids=lambda page: page.stem
)
@pytest.mark.filterwarnings("error")
def test_no_source_warns_when_it_is_compiled(page):
    compile(page.read_text(), str(page), "exec", dont_inherit=True)


def test_no_source_uses_what_python_3_12_deprecated():
    deprecated = ("datetime.utcnow", "utcfromtimestamp", "pkg_resources")
    for page in PACKAGE.rglob("*.py"):
        for name in deprecated:
            assert name not in page.read_text(), page
