"""What stands near a name on a page, and how far a calendar is from the day asked for."""

from pages import FewWords, node, page

from witting.policy.candidates import candidates_of
from witting.policy.features import ELEMENT_FEATURES, featurise
from witting.policy.nearby import kind_of, months_to, named_beside
from witting.policy.relations import PAIRS, lasting_hints, whole_matches
from witting.policy.tokens import tokenise
from witting.terms.tree import UiTree


def _feed() -> UiTree:
    """Return two messages, each with its writer and a heart to click."""
    return page(
        node(0, -1, "group"), node(1, 0, "group", key=".message"), node(2, 1, "text", "Ada"), node(3, 1, "image", key=".heart"),
        node(4, 0, "group", key=".message"), node(5, 4, "text", "Ben"), node(6, 4, "image", key=".heart"),
    )  # fmt: skip


def _element(tree: UiTree, instruction: str, feature: str) -> dict[int, float]:
    """Return a feature of each candidate, by ref."""
    features = featurise(instruction, tree, history=(), words=FewWords())
    return dict(zip(features.refs, features.elements[:, ELEMENT_FEATURES.index(feature)].tolist(), strict=True))


def test_of_like_things_the_one_beside_the_name_is_told() -> None:
    """The heart in Ben's message is nearer to Ben than its like is; for Ada it is the other one."""
    assert _element(_feed(), "Like what Ben wrote", "nearest_of_kind")[6] == 1
    assert _element(_feed(), "Like what Ben wrote", "nearest_of_kind")[3] == 0
    assert _element(_feed(), "Like what Ada wrote", "nearest_of_kind")[3] == 1


def test_where_nobody_is_named_nothing_is_near() -> None:
    """Without a name on the page there is no distance."""
    found = candidates_of("Like it", _feed())
    beside = named_beside(_feed(), found, matches=[whole_matches(one.text, tokenise("Like it")) for one in found])
    assert beside == [(0, frozenset())] * len(found)
    assert set(_element(_feed(), "Like it", "block_near").values()) == {0.0}


def _inbox() -> UiTree:
    """Return two letters, each with a sender and a subject on its own line."""
    return page(
        node(0, -1, "group"), node(1, 0, "group", key=".letter"), node(2, 1, "text", "Ada", key=".sender"),
        node(3, 1, "text", "Lunch", key=".subject"), node(4, 0, "group", key=".letter"), node(5, 4, "text", "Ben", key=".sender"),
        node(6, 4, "text", "Rain", key=".subject"),
    )  # fmt: skip


def test_what_has_no_name_of_its_own_is_told_by_whose_it_is() -> None:
    """A subject stands beside its sender's word of the instruction and not beside the other's, who is named as well."""
    features = featurise("Send Ada what Ben wrote", _inbox(), history=(), words=FewWords())
    beside = features.pairs[..., PAIRS.index("beside")]
    rows = {ref: dict(zip(features.words, beside[at].tolist(), strict=True)) for at, ref in enumerate(features.refs)}
    assert (rows[3]["ada"], rows[3]["ben"]) == (1, 0)
    assert (rows[6]["ada"], rows[6]["ben"]) == (0, 1)
    assert rows[3]["what"] == rows[6]["what"] == 0


def test_where_the_pointer_is_tells_nothing() -> None:
    """Classes that a page sets under the pointer are left out: a recording would give away by them what is clicked next."""
    assert lasting_hints("#a .day .day-hover .ui-state-active .is-focused .btn") == ["#a", ".day", ".btn"]
    hovered, plain = (candidates_of("x", page(node(0, -1, "link", "3", key=key)))[0] for key in (".day .day-hover", ".day"))
    assert kind_of(hovered) == kind_of(plain)
    assert featurise("x", page(node(0, -1, "link", "3", key=".day-hover")), history=(), words=FewWords()).hints[0] == ("tag=",)


def _calendar(month: str, year: str) -> UiTree:
    """Return a calendar with a few days."""
    days = [node(5 + day, 0, "link", str(day)) for day in range(10)]
    return page(
        node(0, -1, "group"),
        node(1, 0, "link", "Prev"),
        node(2, 0, "link", "Next"),
        node(3, 0, "text", month),
        node(4, 0, "text", year),
        *days,
    )


def test_a_calendar_is_before_or_after_the_day_asked_for() -> None:
    """The month shown is compared with the day's, over the turn of the year too, and its number is the day's link."""
    for month, year, feature in (
        ("March", "2016", "month_same"),
        ("December", "2016", "month_before"),
        ("December", "2015", "month_after"),
    ):
        told = {
            name: _element(_calendar(month, year), "Select 03/07/2016 as the date", name)[12]
            for name in ("month_before", "month_after", "month_same")
        }
        assert told == {name: float(name == feature) for name in told}
    asked = _element(_calendar("March", "2016"), "Select 03/07/2016 as the date", "day_asked")
    assert [ref for ref, value in asked.items() if value] == [12]


def test_without_a_day_or_a_calendar_there_is_nothing_to_compare() -> None:
    """No date in the instruction, or no month on the page: no distance."""
    found = candidates_of("Select a day", _calendar("March", "2016"))
    assert months_to(found, tokenise("Select a day")) == (0, None)
    assert months_to((), tokenise("Select 03/07/2016")) == (7, None)
