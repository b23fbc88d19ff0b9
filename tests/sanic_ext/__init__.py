"""What must work with sanic-ext installed, which Sanic loads by itself.

These tests run only where sanic-ext is installed (`make ext`, tox).
"""
