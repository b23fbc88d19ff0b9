"""What has to work with sanic-ext installed, which Sanic loads by itself.

These tests are run where sanic-ext is (`make ext`, tox) and nowhere else.
"""
