"""Who plays: the two controls that learnt from nobody do what they say, and an episode ends when it should."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from witting.lab.evaluate import evaluation
from witting.lab.evaluate.agents import MeaningRule, RandomClicker, TextMatchRule, agent_of, shown
from witting.lab.evaluate.cdp import BrowserError
from witting.lab.evaluate.evaluation import REPORT_FILE, evaluate, load_rollouts
from witting.lab.evaluate.miniwob import MOST_STEPS, Moment, as_parts, click_point, page_of, without_chrome
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.geometry import Rect
from witting.terms.tree import TreeSource, UiNode, UiTree
from witting.terms.work import PolicyAction


def page(*parts: tuple[str, str] | UiNode) -> UiTree:
    """Return a page of nodes below each other, each given as role and name."""
    nodes = tuple(
        part
        if isinstance(part, UiNode)
        else UiNode(ref, -1, part[0], part[1], states=("editable",) if part[0] == "textbox" else (), box=Rect(0, 30 * ref, 90, 24))
        for ref, part in enumerate(parts)
    )
    return UiTree(1, "", "page", "chromium", "", nodes)


def rule(instruction: str, tree: UiTree, *history: PolicyAction) -> PolicyAction:
    """Return what the text-match rule does."""
    return TextMatchRule().act(instruction, tree, history=history)


def test_the_rule_clicks_what_is_quoted_first() -> None:
    """A quoted name goes before one that merely occurs, a control before a text, the same case before another."""
    tree = page(("text", "Send"), ("button", "Send"), ("button", "mail"), ("button", "send"))
    assert rule('Click "Send" in the mail', tree).target == 1
    assert rule("Open the mail", tree).target == 2


def test_the_rule_types_what_is_quoted_where_its_label_says() -> None:
    """Each quoted text goes once into the open field whose label stands before it, then the page is confirmed."""
    tree = page(("textbox", "username"), ("textbox", "password"), ("button", "Login"))
    asked = 'Enter the password "x7" and the username "anna"'
    first = rule(asked, tree)
    assert (first.kind, first.target, first.text) == ("type", 1, "x7")
    second = rule(asked, tree, first)
    assert (second.kind, second.target, second.text) == ("type", 0, "anna")
    last = rule(asked, tree, first, second)
    assert (last.kind, last.target) == ("click", 2)


def test_the_rule_looks_behind_tabs_then_confirms_then_takes_what_is_left() -> None:
    """Nothing named: another tab, else the last button, else the first untouched thing, else nothing."""
    assert rule("Find it", page(("button", "OK"), ("tab", "More"))).target == 1
    assert rule("Find it", page(("button", "OK"), ("button", "Done"), ("checkbox", "x"))).target == 1
    assert rule("Find it", page(UiNode(0, -1, "checkbox", "a", states=("checked",), box=Rect(0, 0, 9, 9)), ("checkbox", "b"))).target == 1
    assert rule("Find it", page()).kind == "stop"


def test_a_page_is_the_same_but_for_focus_and_touch() -> None:
    """What an action changed is told from what it only touched: text, value and place count, the focus doesn't."""
    before = page(("button", "OK"))
    node = before.nodes[0]
    assert shown(page(UiNode(0, -1, "button", "OK", states=("focused", "touched"), box=node.box))) == shown(before)
    for other in (
        UiNode(0, -1, "button", "No", box=node.box),
        UiNode(0, -1, "button", "OK", value="x", box=node.box),
        UiNode(0, -1, "button", "OK", states=("checked",), box=node.box),
        UiNode(0, -1, "button", "OK", box=Rect(1, 1, 90, 24)),
    ):
        assert shown(page(other)) != shown(before)


def test_the_rule_leaves_alone_what_is_done() -> None:
    """A box that is checked already isn't clicked again, though the instruction names it."""
    done = UiNode(0, -1, "checkbox", "Reply", states=("checked",), box=Rect(0, 0, 9, 9))
    assert rule("Select Reply and click Submit", page(done, ("button", "Submit"))).target == 1


@given(st.integers(0, 10**6), st.sampled_from(['Enter "two words"', "Click OK", ""]))
def test_the_random_clicker_does_what_can_be_done_and_the_same_for_the_same_seed(seed: int, instruction: str) -> None:
    """Any candidate may be hit; a field gets a word of the instruction; a seed decides all of it."""
    tree = page(("textbox", "name"), ("button", "OK"), ("checkbox", "x"), UiNode(3, -1, "button", "hidden"))
    actions = []
    for _ in range(2):
        clicker = RandomClicker()
        clicker.begin(seed)
        actions.append([clicker.act(instruction, tree, history=()) for _ in range(8)])
    assert actions[0] == actions[1]
    assert {action.target for action in actions[0]} <= {0, 1, 2}
    assert all(action.text in instruction for action in actions[0])
    assert all(action.kind == ("type" if action.target == 0 and instruction else "click") for action in actions[0])


def test_the_random_clicker_stops_on_an_empty_page() -> None:
    """Where there is nothing, nothing is clicked."""
    assert RandomClicker().act("Click OK", page(), history=()).kind == "stop"


def test_agents_are_named_on_the_command_line(tmp_path: Path) -> None:
    """The controls by their names; anything else is a policy's folder, which must be one."""
    assert isinstance(agent_of("random"), RandomClicker)
    assert isinstance(agent_of("text-match"), TextMatchRule)
    with pytest.raises(IntegrityError, match="holds no policy"):
        agent_of(f"mine={tmp_path}")


def test_the_benchmarks_own_display_is_left_out_with_all_in_it() -> None:
    """What shows the reward is nothing to read or click; the rest is numbered anew, in order, parents included."""
    nodes = [
        {"ref": 0, "parent": -1, "key": ""},
        {"ref": 1, "parent": 0, "key": "#reward-display x"},
        {"ref": 2, "parent": 1, "key": ""},
        {"ref": 3, "parent": 0, "key": "#area"},
        {"ref": 4, "parent": 3, "key": ""},
    ]
    kept = without_chrome(nodes)
    assert [(node["ref"], node["parent"], node["key"]) for node in kept] == [(0, -1, ""), (1, 0, "#area"), (2, 1, "")]
    assert nodes[3]["ref"] == 3  # what was given is left as it was


def test_a_click_goes_into_the_middle_and_onto_a_texts_first_line() -> None:
    """A wrapped link's middle may lie beside its words."""
    assert click_point(UiNode(0, -1, "button", box=Rect(10, 20, 40, 30))) == (30, 35)
    assert click_point(UiNode(0, -1, "text", box=Rect(10, 20, 40, 60))) == (30, 26)


def test_days_and_times_are_entered_part_by_part() -> None:
    """A browser's own date and time fields take month, day, year and hour, minute, half in digits; other text goes in as it is."""
    assert as_parts("3/4/2011") == as_parts("2011-03-04") == "03042011"
    assert [as_parts(time) for time in ("6:39 PM", "0:05", "12:00 PM", "12:07 am")] == ["0639PM", "1205AM", "1200PM", "1207AM"]
    assert as_parts("soon") == "soon"


@pytest.mark.parametrize("task", ["nothing", "../click-button", "sub/click-button", ""])
def test_a_task_that_there_is_not_is_refused(task: str) -> None:
    """Nor does a task's name reach another folder."""
    with pytest.raises(UsageError):
        page_of(task)


class World:
    """An environment in memory: the second click on OK solves it; a seed may kill the browser or never end."""

    def __init__(self) -> None:
        self.clicks, self.seed = 0, 0
        self.opened: list[str] = []
        self.asked: set[TreeSource] = set()

    def open(self, task: str) -> None:
        """Note that a task's page was loaded."""
        self.opened.append(task)

    def begin(self, seed: int) -> None:
        """Begin, or die."""
        self.clicks, self.seed = 0, seed
        if seed == 13:
            raise BrowserError("the browser ended")

    def look(self, observation: TreeSource) -> Moment | float:
        """Return the page or the reward."""
        self.asked.add(observation)
        if self.clicks == 2 and self.seed != 99:
            return 1.0 if self.seed != 50 else 0.5
        return Moment("Click OK", page(("button", "OK")))

    def act(self, action: PolicyAction, tree: UiTree) -> None:
        """Count a click on what is there."""
        self.clicks += action.kind == "click" and action.target < len(tree.nodes)

    def picture(self) -> bytes:
        """Return a picture."""
        return b"PNG"


class Player:
    """Clicks the first node until told to stop."""

    def __init__(self, name: str, *, stops_after: int = 99) -> None:
        self.name, self._stops_after = name, stops_after
        self.observation: TreeSource = "dom_info"
        self.seeds: list[int] = []

    def begin(self, seed: int) -> None:
        """Note the seed."""
        self.seeds.append(seed)

    def act(self, instruction: str, tree: UiTree, *, history: Sequence[PolicyAction]) -> PolicyAction:
        """Return a click, or a stop after so many or where there is nothing to do."""
        is_over = len(history) >= self._stops_after or not instruction or not tree.nodes
        return PolicyAction(kind="stop") if is_over else PolicyAction(kind="click", target=0)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """Put the environment in memory in the browser's place."""
    world = World()
    monkeypatch.setattr(evaluation._Stage, "_open", lambda _stage: world)
    return world


def test_every_agent_plays_the_same_seeds_and_only_reward_one_is_success(world: World, tmp_path: Path) -> None:
    """Seeds, successes, steps and the picture of a success are those that were played; half a reward is none."""
    good, quitter = Player("good"), Player("quitter", stops_after=1)
    told: list[tuple[str, str, int, int]] = []
    report = evaluate([good, quitter], ["click-button"], episodes=2, seed_base=49, out=tmp_path, progress=lambda *each: told.append(each))
    assert good.seeds == quitter.seeds == [49, 50]
    assert [(one.agent, one.seed, one.reward, one.is_success, one.steps) for one in load_rollouts(tmp_path)] == [
        ("good", 49, 1.0, True, 2),
        ("good", 50, 0.5, False, 2),
        ("quitter", 49, 0.0, False, 1),
        ("quitter", 50, 0.0, False, 1),
    ]
    assert (report.result("good").successes, report.result("quitter").successes) == (1, 0)
    assert (tmp_path / report.pictures["click-button"]).read_bytes() == b"PNG"
    assert [number for *_, number, _ in told] == [1, 2, 3, 4]
    assert world.asked == {"dom_info"}
    assert (tmp_path / REPORT_FILE).stat().st_size > 100


def test_a_browser_that_dies_costs_its_episode_and_no_other(world: World, tmp_path: Path) -> None:
    """The lost episode counts as failed and says why; the next one is played."""
    report = evaluate([Player("good")], ["click-button"], episodes=3, seed_base=12, out=tmp_path)
    assert [(one.is_success, one.error) for one in load_rollouts(tmp_path)] == [(True, ""), (False, "the browser ended"), (True, "")]
    assert report.result("good").errors == 1


def test_an_episode_without_end_is_cut(world: World, tmp_path: Path) -> None:
    """After the most steps that are allowed it counts as failed."""
    evaluate([Player("good")], ["click-button"], episodes=1, seed_base=99, out=tmp_path)
    (played,) = load_rollouts(tmp_path)
    assert (played.is_success, played.steps) == (False, MOST_STEPS)


def test_failures_can_be_watched_a_few_of_each_task(world: World, tmp_path: Path) -> None:
    """The first agent's failures are kept as replays, at most three a task; another agent's, and successes, aren't."""
    report = evaluate([Player("quitter", stops_after=1), Player("good")], ["click-button"], episodes=5, seed_base=1, out=tmp_path)
    assert report.replays == {"click-button": tuple(f"replays/click-button-{seed}.svg" for seed in (1, 2, 3))}
    assert all("the page gave 0 after 1 steps" in (tmp_path / path).read_text() for path in report.replays["click-button"])
    assert evaluate([Player("good")], ["click-button"], episodes=1, seed_base=1, out=tmp_path).replays == {}


def test_an_evaluation_cut_short_goes_on_where_it_was(world: World, tmp_path: Path) -> None:
    """What was played isn't played again; a torn last line is; the report is that of a whole run."""

    class Power:
        """Goes out after two episodes."""

        def __call__(self, *told: object) -> None:
            if told[2] == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate([Player("good")], ["click-button"], episodes=4, seed_base=1, out=tmp_path, progress=Power())
    with (tmp_path / "rollouts.jsonl").open("ab") as log:
        log.write(b'{"task": "click-bu')
    player = Player("good")
    report = evaluate([player], ["click-button"], episodes=4, seed_base=1, out=tmp_path)
    assert player.seeds == [3, 4]
    assert (report.result("good").episodes, report.result("good").successes) == (4, 4)
    assert [one.seed for one in load_rollouts(tmp_path)] == [1, 2, 3, 4]


def test_another_run_or_a_finished_one_is_played_anew(world: World, tmp_path: Path) -> None:
    """Other seeds, or a folder with a report: nothing of the earlier run counts."""
    evaluate([Player("good")], ["click-button"], episodes=2, seed_base=1, out=tmp_path)
    for seed_base in (1, 7):
        player = Player("good")
        evaluate([player], ["click-button"], episodes=2, seed_base=seed_base, out=tmp_path)
        assert player.seeds == [seed_base, seed_base + 1]


def test_a_report_says_how_often_several_in_a_row_succeed(world: World, tmp_path: Path) -> None:
    """pass^k falls from the rate to nothing where one of two episodes fails, and isn't told for more than were played."""
    report = evaluate([Player("good")], ["click-button"], episodes=2, seed_base=49, out=tmp_path)
    assert report.result("good").pass_hat == {"1": 0.5, "2": 0.0}


class _Meanings:
    """Words whose meaning is their first letter."""

    def vectors(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return a unit row for each."""
        return np.eye(26, dtype=np.float32)[[(ord(word[0]) - ord("a")) % 26 for word in words]]


def test_the_rule_of_meaning_takes_what_is_near_for_what_is_named() -> None:
    """Synonyms are clicked once each, what is quoted or to be typed goes before, and without any it does as the text-match rule does."""
    agent = MeaningRule(_Meanings())
    tree = page(("checkbox", "large"), ("checkbox", "quick"), ("button", "Submit"))
    assert agent.act("Tick what is like quiet", tree, history=()).target in {0, 1}
    done = UiNode(1, -1, "checkbox", "quick", states=("checked",), box=Rect(0, 30, 90, 24))
    after = page(UiNode(0, -1, "checkbox", "xylo", box=Rect(0, 0, 90, 24)), done, ("button", "Submit"))
    assert agent.act("quiet", after, history=()).target == 2
    field = page(("textbox", "name"), ("button", "nice"))
    assert agent.act('Enter "Ada" nicely', field, history=()).kind == "type"
    assert agent.act("12", page(("button", "OK")), history=()).target == 0
    assert agent.act("x", page(), history=()).kind == "stop"


@pytest.mark.parametrize(
    ("names", "tasks"), [([], ["click-button"]), (["a"], []), (["a", "a"], ["click-button"]), (["a"], ["no-such-task"])]
)
def test_an_evaluation_that_can_tell_nothing_is_refused_before_it_writes(tmp_path: Path, names: list[str], tasks: list[str]) -> None:
    """No agent, no task, two of one name, a task that there isn't: an earlier run's folder stays as it was."""
    (tmp_path / "rollouts.jsonl").write_bytes(b"earlier")
    with pytest.raises(UsageError):
        evaluate([Player(name) for name in names], tasks, out=tmp_path)
    assert (tmp_path / "rollouts.jsonl").read_bytes() == b"earlier"
