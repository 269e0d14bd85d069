"""Finds account names where programs write them: `user=hkraft`, `for invalid user jdoe from`, `TODO(mkuhn)`, `"login": "l.fernandez"`.

Doesn't know who is who. Words that name no account (`user=admin`, `owner: none`) are left to the other rules. Invariant: only the name is
found, never the key before it.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.sample import Sample, fold, word_set
from witting.terms.findings import Finding

_KEY = (
    r"(?:r?user(?:[ _-]?(?:name|id))?|usr|login|logname|uid|acct|account[ _-]?name|assignee|reporter|committer|reviewer|benutzer|usuario"
    r"|utilisateur)"
)
_NAME = r"[^\W_][\w.+-]{1,63}"
_PATTERNS = (
    re.compile(rf"(?i)(?<![^\W_]){_KEY}[\"']?\s{{0,2}}[=:]\s{{0,2}}[\"'\[]?({_NAME})(?![\w@(])"),
    re.compile(rf"(?i)(?<![^\W_])(?:for|by|of) (?:invalid |unknown |new )?user ({_NAME})(?![\w@(])"),
    re.compile(
        rf"(?<![^\W_])(?:password|publickey|session (?:opened|closed)) for (?!invalid |user user)(?:user )?({_NAME})(?: from |\(| by |$)"
    ),
    re.compile(rf"(?i)(?<![^\W_])user ({_NAME})(?= (?:logged|signed|has|is|from|connected|authenticated|created|deleted|not found))"),
    re.compile(r"(?<![^\W_])(?:TODO|FIXME|XXX|HACK|NOTE)\(([^\W_][\w.-]{1,40})\)"),
)
_SIGNS = (
    "use",
    "login",
    "logname",
    "uid",
    "acct",
    "account",
    "assignee",
    "reporter",
    "committer",
    "reviewer",
    "benutzer",
    "usuario",
    "utilis",
)
_MORE_SIGNS = ("password for", "publickey for", "session ", "todo(", "fixme(", "xxx(", "hack(", "note(")
_NO_ACCOUNT = word_set(
    """root admin administrator system guest user users nobody daemon null none nil true false undefined unknown anonymous default service
    test name username id string str text int number required optional input type email mail password login logout new old current your
    the a an is not and or of in for to with enter invalid interface agent experience manual guide group role list data settings story
    self this value key field form me my get set here there see whom who""",
)


def find_logins(sample: Sample) -> Iterator[Finding]:
    """Find account names in log lines, settings, code and JSON."""
    if not any(sign in sample.lowered for sign in _SIGNS) and not any(sign in sample.lowered for sign in _MORE_SIGNS):
        return
    for pattern in _PATTERNS:
        for match in pattern.finditer(sample.text):
            name = match[1].rstrip(".-")
            if fold(name) not in _NO_ACCOUNT and not name.isdigit():
                yield Finding("username", match.start(1), match.start(1) + len(name), 0.7, "login")
