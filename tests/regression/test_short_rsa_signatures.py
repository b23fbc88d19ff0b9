"""An RSA-PSS signature was accepted without its leading zero.

RFC 8017 section 8.1.2: a signature is as long as the modulus, and a token has
exactly one encoding. OpenSSL, and so PyJWT, accepts a shorter one.
"""

import pytest

from tests.agreement.terms import ALL
from tests.agreement.vectors.vector import Signed
from tests.agreement.world import World
from tests.security.forging import b64


@pytest.mark.requirement("T7")
@pytest.mark.parametrize("name", ["RS256", "PS256", "PS512"])
def test_a_signature_is_as_long_as_the_modulus(name):
    world, signed = World(), Signed(name, starts=[0])
    message = signed.message.decode()
    assert world.agree(ALL[name], f"{message}.{b64(signed.signature)}")
    shorter = f"{message}.{b64(signed.signature[1:])}"
    assert not world.agree(ALL[name], shorter)
