"""C6: a cookie over 4096 bytes is a clear error, with a line in the log."""

import logging

import pytest

from .shops import new_shop

pytestmark = pytest.mark.requirement("C6")


def large(size):
    return lambda payload: {**payload, "pad": "x" * size}


@pytest.mark.parametrize("split", [False, True])
async def test_a_cookie_that_is_too_large_is_a_4xx(front, split, caplog):
    shop = new_shop(
        front, cookie_set=True, cookie_split=split, extend_payload=large(3500)
    )
    with caplog.at_level(logging.ERROR):
        response = await shop.post(
            "/auth", json={"username": "ada", "password": "lovelace"}
        )
    assert 400 <= response.status < 500
    assert "cookie" in response.json["reasons"][0]
    assert response.set_cookies == {}
    assert "access_token" not in response.json


async def test_the_log_names_the_cookie_and_its_size(front, caplog):
    shop = new_shop(front, cookie_set=True, extend_payload=large(3500))
    with caplog.at_level(logging.ERROR):
        response = await shop.post(
            "/auth", json={"username": "ada", "password": "lovelace"}
        )
    assert response.status >= 400
    [line] = [r.getMessage() for r in caplog.records if "4096" in str(r.args)]
    assert "access_token" in line
    assert "eyJ" not in line


async def test_no_cookie_exceeds_4096_bytes(front):
    sizes = iter(range(2700, 3100, 20))
    shop = new_shop(
        front,
        cookie_set=True,
        extend_payload=lambda payload: large(next(sizes))(payload),
    )
    for _ in range(20):
        response = await shop.post(
            "/auth", json={"username": "ada", "password": "lovelace"}
        )
        lines = response.headers.get_list("set-cookie")
        assert all(len(line.encode()) <= 4096 for line in lines)
        if response.status == 200:
            assert lines


async def test_without_cookies_a_token_may_be_large(front):
    shop = new_shop(front, extend_payload=large(3500))
    made = (await shop.log_in()).json["access_token"]
    assert (await shop.get("/protected", made)).status == 200


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("size", [4094, 4095, 4096, 4097, 4098])
async def test_a_cookie_of_exactly_4096_bytes_is_sent(split, size):
    # a domain is any length, and comes before what is measured is
    short = new_shop(cookie_set=True, cookie_split=split, cookie_domain="x")
    lines = (await short.log_in()).headers.get_list("set-cookie")
    largest = max(len(line.encode()) for line in lines)
    domain = "x" * (1 + size - largest)
    shop = new_shop(cookie_set=True, cookie_split=split, cookie_domain=domain)
    response = await shop.post(
        "/auth", json={"username": "ada", "password": "lovelace"}
    )
    lines = response.headers.get_list("set-cookie")
    if size <= 4096:
        assert response.status == 200
        assert max(len(line.encode()) for line in lines) == size
    else:
        assert 400 <= response.status < 500
        assert lines == []
