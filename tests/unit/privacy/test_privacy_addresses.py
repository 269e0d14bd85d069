"""Addresses of pages: of a query only what a programme lists, and that redacted; nothing after the hash, nothing before the host."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy import RedactionError, Redactor
from witting.device.privacy.addresses import redact_address
from witting.device.privacy.texts import TextPipeline
from witting.terms.events import Gap, PageForm, PageNavigation, PageScroll
from witting.terms.raw import RawPage, RawPageScroll

SITE = "https://shop.example.org"
KEYS = {SITE: ("page", "q")}


def kept(url: str, *keys: str) -> str:
    """Return what a strict session keeps of an address."""
    return redact_address(url, TextPipeline("strict", seed=b"k"), keys=keys)[0]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("?page=2", "?page=2"),
        ("?page=2&token=abc#top", "?page=2"),
        ("?token=abc&page=2&page=3", "?page=2&page=3"),
        ("?q=anna@example.org", "?q=⟨EMAIL_1⟩"),
        ("?q=call%20Kunigunde%20now", "?q=call ⟨NAME_1⟩ now"),
        ("?page=1;token=hunter22", "?page=1%3Btoken%3D⟨SECRET_1⟩"),
        ("?q=save%26token%3Dx", "?q=save%26token%3Dx"),
        ("?page", "?page="),
        ("?q=%E2%9F%A8EMAIL_1%E2%9F%A9", "?q=%E2%80%B9EMAIL_1%E2%80%BA"),
        ("?q=%25E2%259F%25A8", "?q=%25⟨WORD_1⟩%25⟨WORD_2⟩%25A8"),
        ("?=x", ""),
        ("?Page=2", ""),
        ("?", ""),
        ("?&&", ""),
    ],
)
def test_of_a_query_only_listed_keys_are_kept(query: str, left: str) -> None:
    """In their order, their values redacted like any text; a value can't pass for another key."""
    assert kept(f"{SITE}/list{query}", "page", "q") == f"{SITE}/list{left}"


@pytest.mark.promise("P7")
@given(
    st.lists(
        st.tuples(st.sampled_from(["page", "q", "token", "mail", "PAGE"]), st.sampled_from(["zimtberg7", "anna@example.org"])), max_size=6
    ),
    st.text(max_size=10),
)
def test_no_value_of_an_unlisted_key_is_kept(pairs: list[tuple[str, str]], fragment: str) -> None:
    """However often and in whatever order keys stand, a key's value is kept only where it is listed, and never what follows the hash."""
    url = f"{SITE}/x?{'&'.join(f'{key}={quote(value)}' for key, value in pairs)}#zimtberg7{quote(fragment)}"
    found = kept(url, "page")
    assert "zimtberg7" not in found
    assert "anna" not in found
    assert found.count("page=") == [key for key, _ in pairs].count("page")
    assert "#" not in found


def test_what_was_taken_out_is_told() -> None:
    """A dropped query, fragment or password is a finding; a listed query alone is none."""
    texts = TextPipeline("strict", seed=b"k")
    for url in (f"{SITE}/?x=1", f"{SITE}/#top", "https://bob:pw@shop.example.org/", f"{SITE}/?x"):
        assert [finding.kind for finding in redact_address(url, texts, keys=("page",))[1]] == ["url_secret"]
    assert redact_address(f"{SITE}/list?page=2", texts, keys=("page",))[1] == ()


@pytest.mark.parametrize(
    ("url", "left"),
    [
        (f"{SITE}/list?page=2", f"{SITE}/list?page=2"),
        ("https://shop.example.org.evil.example/list?page=2", "https://shop.example.org.evil.example/list"),
        ("http://shop.example.org/list?page=2", "http://shop.example.org/list"),
        ("https://shop.example.org:8443/list?page=2", "https://shop.example.org:8443/list"),
        ("https://shop.example.org@evil.example/list?page=2", "https://evil.example/list"),
    ],
)
def test_a_sites_keys_are_its_own(url: str, left: str) -> None:
    """Another host, scheme or port that looks alike has no listed keys; the same for navigation, form and scrolling."""
    redactor = Redactor("balanced", seed=b"k", query_keys=KEYS)
    there = redactor.event(RawPage(1, url, "x", 1, False, "navigation"))
    form = redactor.event(RawPage(1, url, "x", 1, False, "form"))
    scroll = redactor.event(RawPageScroll(1, url, 0, 0, False, 1, False))
    assert isinstance(there, PageNavigation)
    assert isinstance(form, PageForm)
    assert isinstance(scroll, PageScroll)
    assert there.url == form.url == scroll.url == left


def test_scrolling_tells_where_and_not_what() -> None:
    """A page's or a part's new place is kept with its address, redacted as ever."""
    redactor = Redactor("strict", seed=b"k")
    page = redactor.event(RawPageScroll(5, f"{SITE}/Kunigunde?q=1", 0, 240, False, 3, False))
    part = redactor.event(RawPageScroll(6, f"{SITE}/list", 10, 0, True, 3, False))
    assert page == PageScroll(5, f"{SITE}/⟨NAME_1⟩", 0, 240, "page", 3)
    assert part == PageScroll(6, f"{SITE}/list", 10, 0, "part", 3)


@pytest.mark.promise("P8")
def test_a_private_or_unreadable_page_scrolls_unseen() -> None:
    """Of a private window a hole is left; an address that can't be read drops the event without a word of it."""
    redactor = Redactor("strict", seed=b"k")
    assert redactor.event(RawPageScroll(5, f"{SITE}/", 0, 9, False, 3, True)) == Gap("private_window", "pages", 5, 5)
    with pytest.raises(RedactionError) as caught:
        redactor.event(RawPageScroll(5, "https://[kunigunde/", 0, 9, False, 3, False))
    assert "kunigunde" not in str(caught.value)
