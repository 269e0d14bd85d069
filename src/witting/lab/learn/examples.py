"""From recorded episodes to what the network is shown: one example a step, with the candidate that was acted on.

Knows how people fill fields (a click, then typing: one action for a policy) and how secure fields are recorded (a click and a hole).
Invariant: an episode's examples depend on that episode alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from witting.policy.candidates import candidate_at, candidates_of, role_of
from witting.policy.features import Features, featurise
from witting.policy.moments import is_same_moment
from witting.policy.relations import WordVectors
from witting.policy.tokens import fold, folded_words
from witting.terms.tree import UiTree
from witting.terms.work import Action, Episode, PolicyAction, QualityFlag, Step

_PRESSABLE = frozenset({"Return", "KP_Enter", "Enter", "Escape"})
_USUAL_SHARE = 0.05
_UNKNOWN_WEIGHT, _MOST_WEIGHT = 0.7, 3.0
_FLAG_WEIGHTS: dict[QualityFlag, float] = {"noisy": 0.5, "partial": 0.5, "repeated": 0.5}
_CLICKS = frozenset({"click", "double_click", "triple_click", "long_press"})


@dataclass(frozen=True, slots=True)
class Deed:
    """One step as a policy would do it, on the tree as it stood before."""

    tree: UiTree
    action: PolicyAction  # target is a candidate's node ref; text is empty where it wasn't recorded
    value: str = ""  # what the field held afterwards, where that was seen


@dataclass(frozen=True, slots=True)
class Example:
    """What to learn from one step."""

    features: Features
    element: int  # index of the candidate that was acted on, -1 for a stop
    kind: str  # click, type, key or stop
    key: str  # which key, for kind key
    spans: tuple[int, ...]  # indexes of the spans that say what was typed; empty where none does
    session_id: str
    weight: float = 1.0  # how much it counts: less from an attempt that may not have been right


def deeds_of(episode: Episode) -> list[Deed]:
    """Return an episode's steps as a policy would do them; steps whose target can't be told are left out."""
    found = [deed for step in _telling(episode.steps) if (deed := _deed(episode.instruction, step)) is not None]
    deeds: list[Deed] = []
    for index, deed in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else None
        node = deed.tree.nodes[deed.action.target] if deed.action.target >= 0 else None
        if node is not None and deed.action.kind == "click" and role_of(node) == "combobox" and "editable" not in node.states:
            if deeds and deeds[-1].action.kind == "type" and deeds[-1].action.target == deed.action.target:
                continue  # the second click of a choice
            deed = replace(deed, action=PolicyAction(kind="type", target=deed.action.target, text=_chosen(found[index + 1 :], deed)))  # noqa: PLW2901
        is_field = deed.action.kind == "click" and node is not None and "editable" in node.states
        if is_field and following is not None:
            if following.action.kind == "type" and following.action.target == deed.action.target:
                found[index + 1] = replace(following, tree=deed.tree)
                continue
            if following.action.kind == "click" and following.action.target == deed.action.target:
                continue
            if node is not None and "secure" in node.states:
                deed = replace(deed, action=PolicyAction(kind="type", target=deed.action.target))  # noqa: PLW2901
        deeds.append(deed)
    return deeds


def _chosen(later: Sequence[Deed], deed: Deed) -> str:
    """Return what a list holds when next seen to have changed, "" when that isn't told."""
    before = deed.tree.nodes[deed.action.target]
    for following in later:
        for node in following.tree.nodes:
            if (node.role, node.key, node.tag) == (before.role, before.key, before.tag) and node.value not in {"", before.value}:
                return node.value
    return ""


def _telling(steps: Sequence[Step]) -> Iterator[Step]:
    """Yield the steps without stops.

    That a person was done is stated, not seen: the last tree of a recording is mostly the one before the last action took effect, so a stop
    learnt from it ends live episodes before they began (measured: docs/log.md). Whoever runs a policy says when it is over.
    """
    yield from (step for step in steps if step.action.kind != "stop")


def _deed(instruction: str, step: Step) -> Deed | None:
    tree, action = step.observation.tree, step.action
    if tree is None:
        return None
    if action.kind == "stop":
        return Deed(tree, PolicyAction(kind="stop"))
    if action.kind == "key":
        return Deed(tree, PolicyAction(kind="key", target=_focused(tree), key=action.key)) if action.key in _PRESSABLE else None
    target = _target(instruction, tree, action=action) if action.kind in _CLICKS or action.kind == "type" else -1
    if target < 0:
        return None
    deed = PolicyAction(kind="click", target=target)
    return (
        Deed(tree, PolicyAction(kind="type", target=target, text=action.text), action.value) if action.kind == "type" else Deed(tree, deed)
    )


def _focused(tree: UiTree) -> int:
    return next((node.ref for node in tree.nodes if "focused" in node.states), -1)


def _target(instruction: str, tree: UiTree, *, action: Action) -> int:
    """Return the ref of the candidate that an action was meant for, -1 if none can be told."""
    found = candidates_of(instruction, tree)
    target = action.target if action.target >= 0 or action.kind != "type" else _focused(tree)
    point = (action.x, action.y) if action.kind != "type" else None
    index = candidate_at(found, tree, target=target, point=point)
    if index < 0 or (action.kind == "type" and "editable" not in found[index].node.states):
        return -1
    return found[index].node.ref


def examples_of(episode: Episode, words: WordVectors, *, common: frozenset[str] = frozenset()) -> Iterator[Example]:
    """Yield what can be learnt from an episode, in order; `common` are words of many instructions, which nobody is told to enter."""
    history: list[PolicyAction] = []
    deeds = deeds_of(episode)
    for deed in deeds:
        features = featurise(episode.instruction, deed.tree, history=history, words=words)
        history.append(deed.action)
        is_stop = deed.action.kind == "stop"
        if not features.refs or (deed.action.target not in features.refs and not is_stop):
            continue
        spans = _typed_spans(features, deed, deeds=deeds, common=common) if deed.action.kind == "type" else ()
        element = -1 if is_stop else features.refs.index(deed.action.target)
        yield Example(features, element, deed.action.kind, deed.action.key, spans, episode.session_id)


def _typed_spans(features: Features, deed: Deed, *, deeds: Sequence[Deed], common: frozenset[str]) -> tuple[int, ...]:
    """Return the spans that say what was typed.

    What went into a secure field was never recorded; it may be any quoted text that was typed into no other field. What was chosen from a
    list isn't always told either; it is taken to be the words that only this instruction has.
    """
    told = tuple(index for index, text in enumerate(features.span_texts) if is_same_moment(text, deed.value))
    if told:
        return told
    if deed.action.text:
        typed = fold(deed.action.text)
        exact = tuple(index for index, text in enumerate(features.span_texts) if fold(text) == typed)
        return exact or tuple(index for index, text in enumerate(features.span_texts) if is_same_moment(text, deed.action.text))
    if "secure" not in deed.tree.nodes[deed.action.target].states:
        return _rarest(features, common)
    elsewhere = {fold(other.action.text) for other in deeds if other.action.kind == "type"}
    return tuple(index for index, text in enumerate(features.span_texts) if features.spans[index, 0] and fold(text) not in elsewhere)


def _rarest(features: Features, common: frozenset[str]) -> tuple[int, ...]:
    """Return the spans that hold only words outside `common` and can't be made longer."""
    edges = [(int(first), int(end)) for first, end in features.span_edges]
    rare = {pair for pair in edges if not any(word in common for word in features.words[pair[0] : pair[1]])}
    inner = {pair for pair in rare for other in rare if pair != other and other[0] <= pair[0] and pair[1] <= other[1]}
    return tuple(index for index, pair in enumerate(edges) if pair in rare - inner)


def usable(episodes: Iterable[Episode], exclude: frozenset[str]) -> list[Episode]:
    """Return the episodes to learn from in canonical order: not given up, not known to be wrong, not of an excluded session."""
    kept = [
        episode
        for episode in episodes
        if episode.outcome != "gave_up" and episode.session_id not in exclude and episode.steps and episode.score in {None, 1.0}
    ]
    return sorted(kept, key=lambda episode: (episode.session_id, episode.episode_id))


def weight_of(episode: Episode) -> float:
    """Return how much an episode counts: 1 where it is known to be right, less where it is unknown, noisy, or a repetition."""
    weight = 1.0 if episode.score == 1.0 or episode.outcome == "done" else _UNKNOWN_WEIGHT
    for flag, share in _FLAG_WEIGHTS.items():
        weight *= share if flag in episode.flags else 1.0
    return weight


def page_of(episode: Episode) -> str:
    """Return where an episode began: the app and its page without query and fragment."""
    tree = next((step.observation.tree for step in episode.steps if step.observation.tree is not None), None)
    return f"{tree.app} {tree.url.partition('?')[0].partition('#')[0]}" if tree is not None else ""


def balanced(episodes: Sequence[Episode]) -> dict[str, float]:
    """Return the weight of each page's episodes: what is seldom shown counts more, by the root of how seldom, so that it isn't drowned."""
    counts = Counter(map(page_of, episodes))
    usual = len(episodes) / max(1, len(counts))
    return {page: min(_MOST_WEIGHT, max(1 / _MOST_WEIGHT, (usual / count) ** 0.5)) for page, count in counts.items()}


def usual_words(episodes: Iterable[Episode]) -> frozenset[str]:
    """Return the words that a page's instructions are made of: each in a fair share of the episodes of some page.

    However much is recorded, a word that is asked for now and then stays one that relations tell; only what a page always says is known by
    name.
    """
    pages: dict[str, list[frozenset[str]]] = {}
    for episode in episodes:
        pages.setdefault(page_of(episode), []).append(frozenset(folded_words(episode.instruction)))
    counts = {page: Counter(word for words in found for word in words) for page, found in pages.items()}
    return frozenset(word for page, told in counts.items() for word, count in told.items() if count >= _USUAL_SHARE * len(pages[page]))


def shared_words(sequences: Sequence[tuple[str, Iterable[str]]], *, episodes: int, sessions: int) -> tuple[str, ...]:
    """Return the words, sorted, that occur in at least so many episodes and sessions; `sequences` = (session, words) per episode."""
    in_episodes: dict[str, int] = {}
    in_sessions: dict[str, set[str]] = {}
    for session, words in sequences:
        for word in set(words):
            in_episodes[word] = in_episodes.get(word, 0) + 1
            in_sessions.setdefault(word, set()).add(session)
    return tuple(sorted(word for word, count in in_episodes.items() if count >= episodes and len(in_sessions[word]) >= sessions))
