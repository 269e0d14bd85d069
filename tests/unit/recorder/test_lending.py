"""What is lent, asked of the gate."""

from datetime import timedelta

import msgspec
import pytest
from recorder_ground import PROGRAMME, SITE, clock_now, receipt

from witting.device.recorder.lending import Lending, origin_of, widest_purposes
from witting.terms.clock import rfc3339
from witting.terms.consent import Grant
from witting.terms.errors import NoConsentError, NoticeChangedError


def lending(*, purposes=(), programme=PROGRAMME, **changes) -> Lending:
    """Return a lending under one receipt."""
    clock = clock_now()
    return Lending([receipt(clock, **changes)], programme, purposes=purposes, clock=clock)


def test_what_was_granted_is_lent_and_the_reason_for_the_rest_is_told():
    """Each refusal has the one reason that a reader of the record will find in the hole."""
    lent = lending(streams=("pointer", "pages"))
    asked = [
        ("pointer", "mousepad", ""), ("keys", "mousepad", ""), ("pointer", "xterm", ""), ("pointer", "", ""), ("pages", "chromium", SITE),
             ("pages", "chromium", "https://evil.example.org"), ("pages", "chromium", "")]  # fmt: skip
    assert [lent.refusal(stream, app, site=site) for stream, app, site in asked] == [
        None, "stream_not_lent", "app_not_lent", "app_not_lent", None, "site_not_lent", "site_not_lent",
    ]  # fmt: skip


@pytest.mark.promise("P6")
def test_a_browser_without_a_known_page_isn_t_lent_even_if_the_programme_lists_no_sites():
    """A programme that names a browser and forgets its sites doesn't lend everything in it."""
    apps = tuple(msgspec.structs.replace(app, sites=()) for app in PROGRAMME.apps)
    programme = msgspec.structs.replace(PROGRAMME, apps=apps)
    from witting.consent.programme import programme_digest

    lent = lending(programme=programme, programme_digest=programme_digest(programme))
    assert lent.refusal("pointer", "chromium", site="") == "site_not_lent"


@pytest.mark.parametrize("changes", [{"status": "withdrawn"}, {"status": "refused"}, {"grants": ()}, {"programme_id": "other"}])
@pytest.mark.promise("P1")
def test_without_consent_in_force_nothing_begins(changes):
    """No receipt, a withdrawn or refused one, or one without grants: recording doesn't start."""
    with pytest.raises(NoConsentError):
        lending(**changes)


@pytest.mark.promise("P5")
def test_a_changed_programme_stops_before_it_begins():
    """Consent to another text is none."""
    with pytest.raises(NoticeChangedError):
        lending(programme=msgspec.structs.replace(PROGRAMME, version=PROGRAMME.version + 1))


def test_consent_that_runs_out_while_recording_is_noticed_within_a_second():
    """Answers of the gate are remembered for less than a second."""
    clock = clock_now()
    lent = Lending([receipt(clock, expires_at=rfc3339(clock.now() + timedelta(seconds=2)))], PROGRAMME, purposes=(), clock=clock)
    assert lent.refusal("pointer", "mousepad") is None
    clock.advance(seconds=3)
    assert lent.refusal("pointer", "mousepad") == "no_consent"
    assert not lent.is_in_force


def test_an_ended_lending_lends_nothing():
    """After withdrawal what was still being judged isn't kept either."""
    lent = lending()
    lent.end()
    assert lent.refusal("pointer", "mousepad") == "no_consent"
    assert lent.sites == ()


def test_an_item_must_be_allowed_for_each_purpose_of_the_session():
    """What is recorded for two purposes holds only what both were granted."""
    purposes = (*PROGRAMME.purposes, msgspec.structs.replace(PROGRAMME.purposes[0], id="insight", streams=("windows",)))
    programme = msgspec.structs.replace(PROGRAMME, purposes=purposes)
    from witting.consent.programme import programme_digest

    grants = (Grant("insight", "windows", "mousepad"), Grant("train", "windows", "mousepad"), Grant("train", "keys", "mousepad"))
    both = lending(programme=programme, programme_digest=programme_digest(programme), grants=grants, purposes=("train", "insight"))
    assert (both.refusal("windows", "mousepad"), both.refusal("keys", "mousepad")) == (None, "stream_not_lent")
    widest = lending(programme=programme, programme_digest=programme_digest(programme), grants=grants)
    assert widest.purposes == ("train",)
    assert widest.refusal("keys", "mousepad") is None


def test_purposes_that_were_lent_the_same_share_a_session():
    """One recording serves every purpose for which as much is lent."""
    grants = tuple(Grant(purpose, "keys", "mousepad") for purpose in ("a", "b"))
    assert widest_purposes(receipt(clock_now(), grants=grants), PROGRAMME) == ("a", "b")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://a.example.org/x?y#z", "https://a.example.org"), ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
        ("https://a.example.org:443/", "https://a.example.org"), ("http://[::1]:80/", "http://[::1]"), ("HTTPS://A.Example.org", "https://a.example.org"),
        ("file:///etc/passwd", ""), ("about:blank", ""), ("", ""), ("http://a:b/", ""), ("https://user:pw@a.example.org/", "https://a.example.org"),
    ],
)  # fmt: skip
def test_an_address_has_one_origin(url, origin):
    """Path, query, user and default port don't make another site; what has no host has no origin."""
    assert origin_of(url) == origin
