"""An application in the form of sanic-jwt 1.8; see `application`."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Any, TypeAlias

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json
from typing_extensions import assert_type

from sanic_jwt_oo import (
    Authentication,
    Configuration,
    Initialize,
    Payload,
    Responses,
    initialize,
    inject_user,
    protected,
    scoped,
)

User: TypeAlias = dict[str, Any]


class Legacy(Authentication):
    async def authenticate(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> User:
        return {}

    async def retrieve_user(
        self, request: Request, payload: Payload, *args: Any, **kwargs: Any
    ) -> User | None:
        return None

    async def extend_payload(
        self, payload: Payload, user: Any = None, *args: Any, **kwargs: Any
    ) -> Payload:
        payload = await super().extend_payload(payload)
        return payload

    async def build_payload(
        self, user: Any, *args: Any, **kwargs: Any
    ) -> Payload:
        return {}

    async def add_claims(
        self, payload: Payload, user: Any, *args: Any, **kwargs: Any
    ) -> Payload:
        return payload


class LegacyConf(Configuration):
    access_token_name = "x"

    def get_url_prefix(self) -> str:
        return ""


class LegacyResponses(Responses):
    @staticmethod
    def extend_authenticate(
        request: Request,
        user: Any = None,
        access_token: str | None = None,
        refresh_token: str | None = None,
    ) -> dict[str, Any]:
        return {}

    @staticmethod
    async def get_access_token_output(
        request: Request, user: Any, config: Any, instance: Any
    ) -> tuple[str, dict[str, Any]]:
        return "", {}

    @staticmethod
    def exception_response(
        request: Request, exception: Exception
    ) -> HTTPResponse:
        return json(None)


app = Sanic("x")


async def authenticate(request: Request) -> User:
    return {}


instance = Initialize(
    app,
    authenticate=authenticate,
    configuration_class=LegacyConf,
    responses_class=LegacyResponses,
    authentication_class=Legacy,
    url_prefix="/x",
)
second = initialize(app, authenticate=authenticate)
name: str = instance.config.access_token_name()


@app.route("/x")
@instance.protected()
async def x(request: Request) -> HTTPResponse:
    return json(None)


@app.get("/module")
@protected()
@scoped("orders:read")
@inject_user()
async def from_module(request: Request, user: User) -> HTTPResponse:
    assert_type(instance.responses, Responses)
    return json(None)
