"""Look for tokens on which we and PyJWT disagree, guided by coverage.

`target` turns octets into a scenario and plays it; `seeds` are where to
begin. `make fuzz` runs it; `test_seeds` plays the seeds with `make test`.
"""
