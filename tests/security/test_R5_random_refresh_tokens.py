"""R5: a refresh token has at least 128 random bits."""

from base64 import urlsafe_b64decode

import pytest

from .shops import open_shop

pytestmark = pytest.mark.requirement("R5")


async def refresh_tokens(front, number):
    shop = open_shop(front, refresh_token_enabled=True)
    return [(await shop.log_in()).json["refresh_token"] for _ in range(number)]


async def test_a_refresh_token_has_room_for_128_bits(front):
    for made in await refresh_tokens(front, 3):
        octets = urlsafe_b64decode(made + "=" * (-len(made) % 4))
        assert len(octets) >= 16


async def test_refresh_tokens_are_unique(front):
    made = await refresh_tokens(front, 100)
    assert len(set(made)) == 100


async def test_every_character_of_a_refresh_token_varies(front):
    made = await refresh_tokens(front, 100)
    places = zip(*(one[:22] for one in made), strict=True)
    assert all(len(set(place)) > 20 for place in places)


async def test_a_refresh_token_reveals_nothing_about_its_user(front):
    for made in await refresh_tokens(front, 3):
        assert "ada" not in made
        assert "." not in made
