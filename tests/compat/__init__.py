"""What applications of sanic-jwt import, construct and override."""
