"""One test for each requirement, written from the attacker's side.

Tokens are put together by hand in ``forging``; nothing here asks the package
to make what the package is to refuse.
"""
