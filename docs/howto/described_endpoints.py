"""Describes a login in other words, and leaves `/verify` out."""

from sanic_ext import openapi

from sanic_jwt_oo.endpoints import AuthenticateEndpoint, VerifyEndpoint

openapi.summary("Get a token")(AuthenticateEndpoint.post)
openapi.exclude()(VerifyEndpoint.get)
