"""Merging: order, no overlap, and never less covered than before."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from witting.device.privacy.merge import merge
from witting.terms.findings import Finding

SPANS = st.lists(
    st.builds(
        lambda start, length, score, kind: Finding(kind, start, start + length, score, "d"),
        st.integers(0, 60),
        st.integers(0, 20),
        st.sampled_from([0.3, 0.6, 1.0]),
        st.sampled_from(["name", "email", "number"]),
    ),
    max_size=12,
)


@given(SPANS)
def test_coverage_never_shrinks(findings: list[Finding]) -> None:
    """Every offset that any detector found is inside a merged finding, and merged ones don't overlap."""
    merged = merge(findings)
    assert {i for f in findings for i in range(f.start, f.end)} == {i for f in merged for i in range(f.start, f.end)}
    assert all(left.end <= right.start for left, right in pairwise(merged))


def test_the_wider_gives_the_kind() -> None:
    """A mail address stays one although words inside it were found too."""
    merged = merge([Finding("unlisted_word", 0, 4, 0.3), Finding("email", 0, 16, 1.0), Finding("name", 5, 9, 0.8)])
    assert merged == (Finding("email", 0, 16, 1.0),)


def test_the_surer_gives_the_kind_at_equal_width() -> None:
    """Of two findings over the same span the one with the higher score names it."""
    assert merge([Finding("number", 0, 16, 0.4), Finding("card", 0, 16, 1.0)])[0].kind == "card"
