"""Completes the annotations of modules that cannot import what they name.

A module imports only from the layers below it, yet the signatures of some
name a class from above, imported for type checkers alone. Frameworks read
signatures at run time (sanic-ext those of every route), so this module puts
such a class where `typing.get_type_hints` looks for it.
"""

from . import decorators, endpoints, errors, events, mounting, responses, state
from .auth import JWTAuth
from .installation import Installation
from .request_codec import RequestCodec
from .sessions import Session, SessionStore, UserId, feed

for _module in (decorators, endpoints, responses):
    _module.__dict__.update(JWTAuth=JWTAuth)
for _module in (errors, mounting, state):
    _module.__dict__.update(Installation=Installation)
state.__dict__.update(RequestCodec=RequestCodec)
events.__dict__.update(Session=Session, UserId=UserId)
feed.__dict__.update(SessionStore=SessionStore)
