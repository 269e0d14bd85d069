"""Web addresses as they may be kept: scheme, host and port, and the path words that pass. Query, fragment and credentials are dropped.

Doesn't decide which sites are lent. Invariant: nothing after `?` or `#` and nothing before `@` remains.
"""

from urllib.parse import unquote, urlsplit

from witting.device.privacy.texts import TextPipeline
from witting.terms.findings import Finding

_WITH_HOST = frozenset({"http", "https"})
_BARE = frozenset(
    {"about", "file", "data", "blob", "chrome", "chrome-extension", "devtools", "view-source", "javascript", "ftp", "mailto", "ws", "wss"}
)


def redact_address(raw: str, pipeline: TextPipeline) -> tuple[str, tuple[Finding, ...]]:
    """Return a page's address and the kinds of what was removed; offsets of findings are 0, the parts are judged apart.

    Raises:
        ValueError: the address can't be parsed.
    """
    if not raw:
        return "", ()
    parts = urlsplit(raw)
    findings: list[Finding] = []
    if "@" in parts.netloc or parts.query or parts.fragment:
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
    return f"{parts.scheme}://{host}{port}{'/'.join(segments)}", tuple(findings)
