"""The documentation of sanic-jwt and applications written for it, as tests."""
