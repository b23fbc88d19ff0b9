"""Faults that users of sanic-jwt reported, a file each, kept away."""
