"""Web addresses as they may be kept: scheme, host and port, and the path words that pass; of the query only what a programme lists.

Values of listed keys are redacted like any text. Doesn't decide which sites are lent. Invariant: nothing
after `#`, nothing before `@` and no query value of an unlisted key remains.
"""

from collections.abc import Collection
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from witting.device.privacy.texts import TextPipeline
from witting.terms.findings import Finding

_WITH_HOST = frozenset({"http", "https"})
_BARE = frozenset(
    {"about", "file", "data", "blob", "chrome", "chrome-extension", "devtools", "view-source", "javascript", "ftp", "mailto", "ws", "wss"}
)
_SAFE = " _,.:-"


def redact_address(raw: str, pipeline: TextPipeline, *, keys: Collection[str] = ()) -> tuple[str, tuple[Finding, ...]]:
    """Return a page's address and the kinds of what was removed; offsets of findings are 0, the parts are judged apart.

    Of the query only the values of `keys` are kept, redacted, in their order.

    Raises:
        ValueError: the address can't be parsed.
    """
    if not raw:
        return "", ()
    parts = urlsplit(raw)
    findings: list[Finding] = []
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept_query = [(key, value) for key, value in query if key in keys]
    if "@" in parts.netloc or len(kept_query) < len(query) or (parts.query and not query) or parts.fragment:
        findings.append(Finding("url_secret", 0, 0, 1.0, "url_part"))
    if parts.scheme not in _WITH_HOST:
        scheme = parts.scheme if parts.scheme in _BARE else "unknown"
        return (raw, ()) if raw == "about:blank" else (f"{scheme}:", (*findings, Finding("url_secret", 0, 0, 1.0, "url_scheme")))
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    port = f":{parts.port}" if parts.port is not None else ""
    segments = []
    for segment in parts.path.split("/"):
        redacted = pipeline.redact(unquote(segment)) if segment else None
        segments.append(redacted.text.replace("/", " ") if redacted else "")
        findings += [Finding(f.kind, 0, 0, f.score, f.detector) for f in (redacted.findings if redacted else ())]
    pairs = []
    for key, value in kept_query:
        redacted = pipeline.redact(value)
        pairs.append(f"{quote(key)}={_escaped(redacted.text)}")
        findings += [Finding(f.kind, 0, 0, f.score, f.detector) for f in redacted.findings]
    tail = f"?{'&'.join(pairs)}" if pairs else ""
    return f"{parts.scheme}://{host}{port}{'/'.join(segments)}{tail}", tuple(findings)


def _escaped(redacted: str) -> str:
    """Return a query's value in which placeholders stay legible; their brackets come from nowhere else."""
    return quote(redacted, safe=_SAFE).replace(quote("⟨"), "⟨").replace(quote("⟩"), "⟩")
