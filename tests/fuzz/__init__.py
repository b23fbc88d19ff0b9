"""Look for tokens on which we and PyJWT disagree, guided by coverage.

`target` decodes bytes to a scenario and plays it; `seeds` has the first ones.
`make fuzz` runs it; `test_seeds` plays the seeds with `make test`.
"""
