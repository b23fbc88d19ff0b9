"""Faults that users of sanic-jwt reported; each file keeps one away."""
