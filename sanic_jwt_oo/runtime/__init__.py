"""What the package runs in: Sanic's internals, event loops, logging."""
