"""Differences in headers, which the scenarios leave out.

Each names the test in ``test_differential.py`` that looks at every answer.
"""

from ..table import Rule

RULES = (
    Rule(
        when="Every 401",
        before="no `WWW-Authenticate`",
        after="`WWW-Authenticate: Bearer`, with the parameters of RFC 6750",
        reason="H1",
        check="test_every_401_has_a_challenge",
    ),
    Rule(
        when="Every 403 for a missing scope",
        before="no `WWW-Authenticate`",
        after='`WWW-Authenticate: Bearer error="insufficient_scope"`',
        reason="H2",
        check="test_every_403_says_insufficient_scope",
    ),
    Rule(
        when="Every answer with a token in it",
        before="no `Cache-Control`",
        after="`Cache-Control: no-store`",
        reason="H9",
        check="test_every_token_says_no_store",
    ),
)
