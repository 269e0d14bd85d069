"""From what people did to what a policy is shown: fields, secure fields, labels and keys; and rewriting that keeps relations only."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import HashedWords, episodes

from witting.lab.learn.augment import rewrite
from witting.lab.learn.examples import deeds_of, examples_of, shared_words, usable
from witting.policy.tokens import folded_words
from witting.terms.codec import tree_digest
from witting.terms.geometry import Rect
from witting.terms.tree import UiNode, UiTree
from witting.terms.work import Action, Episode, Observation, Step

WORDS = HashedWords()


def page(*nodes: UiNode) -> UiTree:
    """Return the tree of these nodes."""
    return UiTree(1, tree_digest(nodes), "page", "chromium", "", nodes)


def field(ref: int, name: str, *states: str) -> UiNode:
    """Return a field."""
    return UiNode(ref, -1, "textbox", name, states=("editable", *states), box=Rect(0, 30 * ref, 90, 24))  # type: ignore[arg-type]


FORM = page(field(0, "User"), field(1, "Password", "secure"), UiNode(2, -1, "button", "Login", box=Rect(0, 60, 90, 24)))


def action(kind: str, target: int = -1, **more: object) -> Action:
    """Return a step's action, in the middle of its target."""
    return Action(kind=kind, timestamp_ns=1, end_ns=2, x=45, y=30 * target + 12, target=target, **more)  # type: ignore[arg-type]


def told(instruction: str, *actions: Action, tree: UiTree | None = FORM, session: str = "s1") -> Episode:
    """Return the episode of these actions on one page."""
    steps = tuple(Step(step_index=index, observation=Observation(tree=tree), action=one) for index, one in enumerate(actions))
    return Episode(
        episode_id=f"{session}-1", session_id=session, participant="p", instruction=instruction, outcome="done", started_ns=1, ended_ns=9,
        steps=steps,
    )  # fmt: skip


def done(instruction: str, *actions: Action, tree: UiTree | None = FORM) -> list[tuple[str, int, str]]:
    """Return kind, target and text of each deed."""
    return [(deed.action.kind, deed.action.target, deed.action.text) for deed in deeds_of(told(instruction, *actions, tree=tree))]


def test_a_click_into_a_field_and_typing_are_one_deed() -> None:
    """A policy types into a field; the click before it is part of that, clicked once or twice."""
    assert done("x", action("click", 0), action("type", 0, text="anna")) == [("type", 0, "anna")]
    assert done("x", action("click", 0), action("click", 0), action("type", 0, text="anna")) == [("type", 0, "anna")]


def test_a_click_into_a_secure_field_is_a_typing_without_words() -> None:
    """What went into it was never recorded; that something did is known from what came after."""
    assert done("x", action("click", 1), action("click", 2)) == [("type", 1, ""), ("click", 2, "")]


def test_a_click_into_a_field_that_stays_empty_is_a_click() -> None:
    """Focusing a field may be all that was asked."""
    assert done("x", action("click", 0)) == [("click", 0, "")]
    assert done("x", action("click", 0), action("click", 2)) == [("click", 0, ""), ("click", 2, "")]


def test_typing_without_a_target_goes_where_the_focus_is() -> None:
    """Who uses the keyboard alone has no click that names the field."""
    tree = page(field(0, "User"), field(1, "City", "focused"))
    assert done("x", action("type", text="oak"), tree=tree) == [("type", 1, "oak")]
    assert done("x", action("type", text="oak")) == []  # no focus known: nothing is guessed


@pytest.mark.parametrize(
    ("step", "deeds"),
    [
        (action("key", key="Return"), [("key", -1, "")]),
        (action("key", key="ctrl+s"), []),
        (action("scroll", dy=3), []),
        (action("drag", 2), []),
        (action("stop"), []),
        (action("type", 2, text="x"), []),
        (Action(kind="click", timestamp_ns=1, end_ns=2, x=900, y=900), []),
        (Action(kind="click", timestamp_ns=1, end_ns=2, x=10, y=70), [("click", 2, "")]),
    ],
)
def test_only_what_a_policy_can_do_is_learnt(step: Action, deeds: list[tuple[str, int, str]]) -> None:
    """Clicks, typing and keys that a policy may press, where it can be told what they were meant for."""
    assert done("x", step) == deeds


def test_a_step_without_a_page_teaches_nothing() -> None:
    """Where no tree was recorded, nothing is made up."""
    assert done("x", action("click", 2), tree=None) == []


def test_what_went_into_a_secure_field_may_be_any_quotation_typed_nowhere_else() -> None:
    """Of the quoted texts, the one that was typed into the user field isn't the password."""
    episode = told(
        'Enter "anna" and "x7" and login', action("click", 0), action("type", 0, text="anna"), action("click", 1), action("click", 2)
    )
    typed = [example for example in examples_of(episode, WORDS) if example.kind == "type"]
    assert [{example.features.span_texts[span] for span in example.spans} for example in typed] == [{"anna"}, {"x7"}]


def test_an_action_on_what_is_no_candidate_is_no_example() -> None:
    """A click on the page's display of the instruction itself teaches nothing."""
    assert list(examples_of(told("x", action("key", key="Escape")), WORDS)) == []
    (example,) = examples_of(told("x", action("click", 2)), WORDS)
    assert (example.kind, example.features.refs[example.element], example.session_id) == ("click", 2, "s1")


def test_who_left_or_gave_up_is_not_learnt_from() -> None:
    """Excluded sessions, given-up and empty episodes are out; the rest stands in one order whatever order it came in."""
    kept = [told("a", action("click", 2), session=session) for session in ("s3", "s1", "s2")]
    gave_up = msgspec.structs.replace(told("b", action("click", 2), session="s4"), outcome="gave_up")
    found = usable([*kept, gave_up, told("c", session="s5")], frozenset({"s2"}))
    assert [episode.session_id for episode in found] == ["s1", "s3"]
    assert usable([gave_up, *reversed(kept)], frozenset({"s2"})) == found


@pytest.mark.promise("P7")
@given(
    st.lists(st.tuples(st.sampled_from(["s1", "s2", "s3"]), st.lists(st.sampled_from("abcde"), max_size=5)), max_size=12), st.integers(1, 3)
)
def test_a_word_of_one_session_is_never_shared(sequences: list[tuple[str, list[str]]], sessions: int) -> None:
    """A vocabulary holds exactly the words of enough sessions and episodes: one person's word, however often said, isn't in it."""
    found = shared_words(sequences, episodes=2, sessions=sessions)
    assert list(found) == sorted(set(found))
    for word in "abcde":
        by = [session for session, words in sequences if word in words]
        assert (word in found) is (len(by) >= 2 and len(set(by)) >= sessions)


def texts_of(episode: Episode) -> list[str]:
    """Return every text of an episode: instruction, names, values, typing."""
    nodes = [node for step in episode.steps if step.observation.tree for node in step.observation.tree.nodes]
    return [
        episode.instruction,
        *(text for node in nodes for text in (node.name, node.value)),
        *(step.action.text for step in episode.steps),
    ]


TALE = told(
    "Send ⟨NAME_1⟩ the zimtberg report and ⟨NAME_2⟩ nothing",
    action("type", 0, text="zimtberg"),
    action("click", 2),
    tree=page(
        field(0, "To ⟨NAME_1⟩"),
        UiNode(1, -1, "text", "⟨NAME_2⟩", box=Rect(0, 30, 9, 9)),
        UiNode(2, -1, "button", "zimtberg", box=Rect(0, 60, 9, 9)),
    ),
)


@given(st.integers(0, 10**6))
def test_rewriting_keeps_every_equality_and_no_placeholder(seed: int) -> None:
    """Words that were equal stay equal, and those that weren't don't become so; a recording's placeholders become words."""
    rewritten = rewrite(TALE, frozenset({"send", "the", "and", "nothing", "report", "to"}), seed=seed)
    before = [word for text in texts_of(TALE) for word in folded_words(text)]
    after = [word for text in texts_of(rewritten) for word in folded_words(text)]
    assert len(before) == len(after)
    changed = dict(zip(before, after, strict=True))
    assert [changed[word] for word in before] == after
    assert len(set(changed.values())) == len(changed)
    assert not re.search(r"⟨NAME_\d⟩", " ".join(texts_of(rewritten)))
    assert {word for word in before if changed[word] == word} >= {"send", "the", "and", "nothing", "report", "to"}


@given(st.integers(0, 10**6))
def test_rewriting_depends_on_episode_and_seed_alone(seed: int) -> None:
    """The same again gives the same, what isn't text stays, and what has no step with a page is left whole."""
    common = frozenset({"send"})
    rewritten = rewrite(TALE, common, seed=seed)
    assert rewritten == rewrite(TALE, common, seed=seed)
    for old, new in zip(TALE.steps, rewritten.steps, strict=True):
        assert msgspec.structs.replace(new.action, text=old.action.text) == old.action
        assert [(node.ref, node.role, node.box) for node in new.observation.tree.nodes] == [  # type: ignore[union-attr]
            (node.ref, node.role, node.box)
            for node in old.observation.tree.nodes  # type: ignore[union-attr]
        ]


def test_an_episode_without_anything_to_rewrite_is_the_same_one() -> None:
    """Common words are left alone, and a step without a page doesn't stop the rest."""
    plain = told("Click OK", action("click", 2))
    assert rewrite(plain, frozenset({"click", "ok", "login"}), seed=1) is plain
    blind = told("Call ⟨NAME_1⟩", action("type", 0, text="⟨NAME_1⟩"), tree=None)
    rewritten = rewrite(blind, frozenset({"call"}), seed=1)
    assert rewritten.instruction == f"Call {rewritten.steps[0].action.text}"
    assert "⟨NAME_1⟩" not in rewritten.instruction


def test_some_rare_words_become_opaque_over_many_episodes() -> None:
    """About half of the shared rare words turn into placeholders: neither none nor all."""
    opaque = sum("⟨WORD_" in rewrite(episode, frozenset({"click", "the", "button"}), seed=1).instruction for episode in episodes(60))
    assert 15 <= opaque <= 45


def _list(value: str = "") -> UiTree:
    """Return a page with a list to choose from and a button."""
    return page(
        UiNode(0, -1, "combobox", value=value, box=Rect(0, 0, 90, 24), tag="select", key="#country"),
        UiNode(1, -1, "button", "Submit", box=Rect(0, 30, 90, 24)),
    )


def _chosen(*steps: tuple[Action, UiTree], instruction: str = "Select New Zealand from the list and click Submit") -> Episode:
    """Return an episode whose steps saw different pages."""
    seen = tuple(Step(step_index=number, observation=Observation(tree=tree), action=one) for number, (one, tree) in enumerate(steps))
    return msgspec.structs.replace(told(instruction), steps=seen)


def test_a_choice_from_a_list_is_one_deed_with_what_was_chosen() -> None:
    """Opening a list and picking from it is giving it a text: the one it holds when next seen."""
    episode = _chosen((action("click", 0), _list()), (action("click", 0), _list()), (action("click", 1), _list("New Zealand")))
    assert [(deed.action.kind, deed.action.text) for deed in deeds_of(episode)] == [("type", "New Zealand"), ("click", "")]
    chosen = next(iter(examples_of(episode, WORDS)))
    assert [chosen.features.span_texts[index] for index in chosen.spans] == ["New Zealand"]


def test_a_choice_that_is_not_told_is_the_words_that_only_this_instruction_has() -> None:
    """Where a page doesn't say what its list holds, common words aren't what was chosen."""
    episode = _chosen((action("click", 0), _list()), (action("click", 1), _list()))
    common = frozenset({"select", "from", "the", "list", "and", "click", "submit"})
    chosen = next(iter(examples_of(episode, WORDS, common=common)))
    assert (chosen.kind, [chosen.features.span_texts[index] for index in chosen.spans]) == ("type", ["New Zealand"])


def test_a_day_typed_in_another_way_is_the_span_that_says_it() -> None:
    """A date field holds year-month-day; the instruction said it by month."""
    tree = page(field(0, "Date"))
    (typed,) = examples_of(told("Enter 03/24/2011 as the date", action("type", 0, text="2011-03-24"), tree=tree), WORDS)
    assert [typed.features.span_texts[index] for index in typed.spans] == ["03/24/2011"]


def test_what_a_checker_found_wrong_is_not_learnt() -> None:
    """An episode that its source scored below 1 is left out; one without a score is kept."""
    scored = [msgspec.structs.replace(told("x", action("click", 2), session=f"s{score}"), score=score) for score in (1.0, 0.5, -1.0, None)]
    assert {episode.score for episode in usable(scored, frozenset())} == {1.0, None}


def test_what_a_field_held_afterwards_says_more_than_the_keys() -> None:
    """Typed as a browser's time field takes it, a time is known by what the field then held, half of the day included."""
    tree = page(field(0, "Time"))
    (typed,) = examples_of(told("Enter 6:39 PM as the time", action("type", 0, text="639P", value="18:39"), tree=tree), WORDS)
    assert [typed.features.span_texts[index] for index in typed.spans] == ["6:39 PM"]
