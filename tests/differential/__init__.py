"""sanic-jwt 1.8.0 (the oracle) and the compatibility front, compared.

One list of scenarios runs through the real ``sanic-jwt==1.8.0`` and through
``sanic_jwt_oo.compat``. Where the two differ on purpose, the table in
``differences.py`` says so.
"""
