"""Whether a person's recordings may be used to help them: the gate, asked for each deed's app and site.

A programme offers help at the desk as a purpose of its own (`at_desk = true`). Knows receipts and programme. Invariant: what isn't lent
for help, or isn't lent any more, is never looked at to find routines.
"""

from collections.abc import Sequence
from datetime import datetime

from witting.consent.gate import permits
from witting.device.enrolment import Enrolment
from witting.device.recorder.lending import origin_of
from witting.terms.consent import ConsentReceipt, GateQuestion
from witting.terms.errors import NoConsentError
from witting.terms.events import Stream
from witting.terms.programme import Programme
from witting.terms.work import Action

_NEEDS: dict[str, Stream] = {
    "type": "keys",
    "key": "keys",
    "switch_app": "windows",
    "navigate": "pages",
    "switch_tab": "pages",
    "submit_form": "pages",
}


class Help:
    """What one participant lends for help at their desk, as it stands at one moment."""

    def __init__(self, receipts: Sequence[ConsentReceipt], programme: Programme, *, at: datetime) -> None:
        self._receipts = receipts
        self._programme = programme
        self._at = at
        self._known: dict[tuple[str, str, Stream], bool] = {}

    def may_use(self, action: Action) -> bool:
        """Whether an action may be used: its app and site are lent for help, and the kind of recording it was seen by."""
        return self.may_see(action.app, action.url, stream=_NEEDS.get(action.kind, "pointer"))

    def may_see(self, app: str, url: str, *, stream: Stream) -> bool:
        """Whether one kind of recording of an app, and of a page in it, may be used to help."""
        asked = (app, origin_of(url) if self._has_sites(app) else "", stream)
        if asked not in self._known:
            questions = (
                GateQuestion(purpose=purpose, stream=stream, app=app, site=asked[1], at=self._at)
                for purpose in self._programme.desk_purposes
            )
            self._known[asked] = any(permits(self._receipts, self._programme, question=question) for question in questions)
        return self._known[asked]

    @property
    def sites(self) -> tuple[str, ...]:
        """The origins of which anything may be seen to help."""
        pairs = [(app.id, site) for app in self._programme.apps for site in app.sites]
        return tuple(dict.fromkeys(site for app, site in pairs if self.may_see(app, site, stream="pointer")))

    def _has_sites(self, app: str) -> bool:
        return any(known.id == app and known.sites for known in self._programme.apps)


def help_for(enrolment: Enrolment) -> Help:
    """Return what this device's participant lends for help now.

    Raises:
        NoConsentError: the programme offers no help at the desk, or it wasn't taken up, or no consent is in force.
    """
    programme, receipt = enrolment.programme, enrolment.receipt
    if not programme.desk_purposes:
        raise NoConsentError(
            "this programme offers no help at the desk", hint="its file names no purpose with `at_desk = true`; ask its contact"
        )
    if not any(grant.purpose in programme.desk_purposes for grant in receipt.grants):
        raise NoConsentError(
            "you didn't opt in to help at your desk", hint="it is a purpose of its own: `witting notice` shows it and asks again"
        )
    return Help(enrolment.receipts, programme, at=enrolment.clock.now())
