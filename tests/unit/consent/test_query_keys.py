"""Keys of addresses that a programme may ask for: plain ones, of listed sites."""

import pytest

from witting.consent.sense import _query_keys
from witting.terms.programme import App


def problems(*keys: str, sites: tuple[str, ...] = ("https://shop.example.org",)) -> list[str]:
    """Return the fields found to make no sense."""
    return [found.field for found in _query_keys("apps[0]", App(id="chromium", title="Chromium", sites=sites, query_keys=keys))]


@pytest.mark.parametrize("key", ["page", "q", "sort_by", "filter[year]", "a-b.c"])
def test_plain_keys_may_be_asked_for(key: str) -> None:
    """What names a place in a list is no secret."""
    assert problems(key) == []


@pytest.mark.parametrize("key", ["token", "access_token", "session", "a b", "", "x" * 41, "q=1", "Token"])
def test_secrets_may_not_be_asked_for(key: str) -> None:
    """Words that tell of a secret, and what is no key, are refused by their place."""
    assert problems("page", key) == ["apps[0].query_keys[1]"]


def test_keys_need_a_site() -> None:
    """Only pages of listed sites have addresses."""
    assert problems("page", sites=()) == ["apps[0].query_keys"]
