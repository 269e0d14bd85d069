"""Joins overlapping findings into one each. Coverage never shrinks: what any detector found stays inside a merged span.

Doesn't know texts or kinds. Invariant: the result is in order, without overlap.
"""

from collections.abc import Iterable

from witting.terms.findings import Finding


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings in order without overlap; of several, the widest gives the kind, then the surest."""
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, -f.end, -f.score)):
        if finding.end <= finding.start:
            continue
        if merged and finding.start < merged[-1].end:
            merged[-1] = _join(merged[-1], finding)
        else:
            merged.append(finding)
    return tuple(merged)


def _join(left: Finding, right: Finding) -> Finding:
    """Return the union of two overlapping findings, named by the wider one; at equal width by the surer one."""
    lead = left if (left.end - left.start, left.score) >= (right.end - right.start, right.score) else right
    if lead is left and right.end <= left.end:
        return left
    return Finding(lead.kind, min(left.start, right.start), max(left.end, right.end), lead.score, lead.detector)
