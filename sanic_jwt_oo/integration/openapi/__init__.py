"""Describes endpoints and protected routes in the OpenAPI document.

The document is that of sanic-ext. Without it, and for requests, nothing here
runs: everything is added when a server starts.
"""

from __future__ import annotations

from .describing import describe_on_start

__all__ = ["describe_on_start"]
