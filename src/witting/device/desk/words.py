"""What the pages call things: reasons for holes, kinds of findings, streams, states, in plain words."""

from witting.terms.consent import ConsentStatus
from witting.terms.events import GapReason, Stream
from witting.terms.findings import FindingKind

GAPS: dict[GapReason, str] = {
    "app_not_lent": "an app you don't lend was in front",
    "site_not_lent": "a site you don't lend was open",
    "stream_not_lent": "you don't lend this kind",
    "no_consent": "no consent was in force",
    "paused": "you had paused",
    "secure_field": "it went into a password or other secret field",
    "focus_unknown": "it wasn't known which field it went into",
    "private_window": "a private window was in front",
    "redaction_failed": "it couldn't be made safe, so it was dropped",
    "over_budget": "the recorder would have used too much of this machine",
    "participant_removed": "you took it out",
    "notice_changed": "the notice had changed",
    "lost": "it was lost before it was whole",
    "sound_kept_here": "the sound of a note stays on this machine unless you pick it",
    "marked_secret": "its app had marked it as secret",
    "screen_locked": "the screen was locked",
    "quiet_hours": "these were your quiet hours",
    "screen_shared": "the screen was shown to others",
    "low_battery": "the battery was low",
    "suspended": "the machine was asleep",
    "sign_hidden": "the sign on the screen was covered",
}
FINDINGS: dict[FindingKind, str] = {
    "name": "names of people",
    "username": "user names",
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "address": "postal addresses",
    "iban": "bank accounts",
    "card": "card numbers",
    "national_id": "national ids",
    "plate": "number plates",
    "birth_date": "dates of birth",
    "ip": "network addresses",
    "mac": "device addresses",
    "url_secret": "secrets in web addresses",
    "path": "file paths",
    "secret": "passwords, tokens and keys",
    "special": "health, belief and the like",
    "message": "messages of others",
    "number": "long numbers",
    "unlisted_word": "words not known to be harmless",
    "secure_field": "secret fields",
    "pixels": "parts of pictures",
    "other_person": "other people",
}
STREAMS: dict[Stream, str] = {
    "pointer": "the pointer",
    "keys": "typing",
    "windows": "windows",
    "pages": "web pages",
    "ui_tree": "what windows say",
    "screen": "pictures",
    "clipboard": "the clipboard",
    "voice": "voice notes",
}
STATUS: dict[ConsentStatus, str] = {
    "requested": "You were asked and haven't answered",
    "given": "You opted in",
    "reconfirmed": "You opted in",
    "refused": "You said no",
    "withdrawn": "You withdrew",
    "expired": "Your consent has run out",
    "invalidated": "There is no valid consent",
    "terminated": "The programme was ended",
}
