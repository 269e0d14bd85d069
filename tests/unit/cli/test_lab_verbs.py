"""The researcher's verbs, hub serve and demo: what they pass on and what they print; the work itself is tested in its rooms."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from witting.lab.dataset import LentDataset
from witting.lab.dataset.manifest import write_manifest
from witting.lab.evaluate.evaluation import EvaluationReport, summarise
from witting.ledger.keys import SigningKey
from witting.terms.errors import UsageError
from witting.terms.work import DatasetManifest, DatasetSession, ModelCard, Rollout


def _card(**more: Any) -> ModelCard:
    given: dict[str, Any] = {
        "model_id": "m1", "dataset_id": "d1", "dataset_root": "r", "sessions": ("s1", "s2"), "episodes": 3, "steps": 9, "seed": 7,
        "weights_sha256": "ab" * 32, "created_at": "2026-11-24T00:00:00Z", "cpu_seconds": 2.4, "versions": {},
    }  # fmt: skip
    return ModelCard(**{**given, **more})


def _rollouts(agent: str, wins: int, episodes: int = 10) -> list[Rollout]:
    return [
        Rollout(task="click-tab", agent=agent, seed=seed, reward=float(seed < wins), is_success=seed < wins, steps=2, seconds=0.5)
        for seed in range(episodes)
    ]


def _run_folder(folder: Path, *rollouts: Rollout) -> Path:
    folder.mkdir()
    (folder / "rollouts.jsonl").write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in rollouts))
    return folder


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give the verbs a data folder of the test's own."""
    monkeypatch.setenv("WITTING_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stand in for training: notes what is asked, answers with a card."""
    asked: list[dict[str, Any]] = []

    def train(dataset: LentDataset, out: Path, **options: Any) -> ModelCard:
        options["progress"]("fit", 0.5)
        asked.append({"dataset": dataset.dataset.path, "out": out, **options})
        return _card()

    monkeypatch.setattr("witting.lab.learn.train", train)
    return asked


def _dataset(folder: Path, *, source: str = "") -> Path:
    """Write the manifest of a dataset with the sessions s1 to s4 into a folder."""
    sessions = tuple(
        DatasetSession(session_id=f"s{one}", participant="p", receipt_id="r", parcel_id="q", episodes=1, steps=3, digest="a" * 64)
        for one in range(1, 5)
    )
    manifest = DatasetManifest(
        dataset_id="office@1", programme_id="office", version=1, built_at="2026-11-24T00:00:00Z", purpose="train", sessions=sessions,
        root="b" * 64, source=source,
    )  # fmt: skip
    folder.mkdir(exist_ok=True)
    write_manifest(folder, manifest)
    return folder


class _Vault:
    """A vault that lends s1 and s2, and notes what is entered."""

    refuses = False
    signing_key = SigningKey.from_seed(b"h" * 32)

    def __init__(self) -> None:
        self.entered: list[Any] = []
        self.is_closed = False

    def lent(self, manifest: DatasetManifest) -> frozenset[str]:
        """Return those of the first two sessions that are in it."""
        return frozenset({"s1", "s2"} & {session.session_id for session in manifest.sessions})

    def register_model(self, card: ModelCard) -> Any:
        """Note the card's entry."""
        if self.refuses:
            raise UsageError("no such dataset", hint="build it first")
        self.entered.append(card)
        return type("Proof", (), {"index": 41})()

    def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> _Vault:
    """The vault that any hub's folder holds."""
    one = _Vault()
    monkeypatch.setattr("witting.hub.vault.Vault.open", lambda _: one)
    return one


def test_train_passes_on_what_was_asked_and_prints_the_card(trained: list[dict[str, Any]], tmp_path: Path, witting) -> None:
    """Seed and left-out sessions reach the training; people read what came of it and what comes next, programs read the card."""
    dataset = _dataset(tmp_path / "d", source="somebody else")
    run = witting("train", dataset, tmp_path / "p", "--seed", 7, "--without", "s3", "--without", "s4")
    assert (run.code, run.err) == (0, "")
    assert trained[0]["seed"] == 7
    assert trained[0]["exclude_sessions"] == {"s3", "s4"}
    key = trained[0]["config"].signer
    assert f"signed by {key.public.hex()}" in run.out
    assert run.out.splitlines()[0] == "m1: learnt from 3 episodes, 9 steps of 2 sessions"
    assert run.out.splitlines()[-1] == f"Next: witting evaluate {tmp_path / 'p'} text-match miniwob-quick --episodes 20"
    answer = json.loads(witting("train", dataset, tmp_path / "p", "--json").out)
    assert (answer["model_id"], answer["log_index"], answer["path"]) == ("m1", -1, str(tmp_path / "p"))
    assert answer["signed_by"] == trained[1]["config"].signer.public.hex() == key.public.hex()  # one's own key, made once


def test_train_enters_the_policy_and_what_it_replaces(
    trained: list[dict[str, Any]], vault: _Vault, tmp_path: Path, witting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --replaces the card names the old policy, the log's entry is told, and the hub is closed even when it refuses."""
    monkeypatch.setattr("witting.lab.learn.load_card", lambda _: _card(model_id="m0"))
    (tmp_path / "p").mkdir()
    without = ("--without", "s3", "--without", "s4")
    words = ("train", _dataset(tmp_path / "d"), tmp_path / "p", "--replaces", tmp_path, "--hub", tmp_path, *without)
    assert "entry 41 of the log" in witting(*words).out
    told = trained[0]["config"]
    assert (told.replaces, told.signer, len(vault.entered)) == ("m0", vault.signing_key, 1)  # the hub signs what its recordings taught
    vault.refuses, vault.is_closed = True, False
    run = witting(*words)
    assert (run.code, run.out, vault.is_closed) == (2, "", True)


@pytest.mark.promise("P26")
def test_train_asks_whether_every_session_is_lent(trained: list[dict[str, Any]], vault: _Vault, tmp_path: Path, witting) -> None:
    """With one session that isn't lent and isn't left out nothing is trained; without a hub to ask neither."""
    dataset = _dataset(tmp_path / "d")
    run = witting("train", dataset, tmp_path / "p", "--without", "s3")
    assert (run.code, trained, vault.is_closed) == (10, [], True)
    assert "1 of 4 sessions of office@1 aren't lent for 'train' now" in run.err


@pytest.mark.promise("P26")
@pytest.mark.parametrize("verb", ["train", "export"])
def test_where_there_is_no_hub_nobody_is_asked_and_nothing_done(trained: list[dict[str, Any]], tmp_path: Path, witting, verb: str) -> None:
    """People's recordings are neither learnt from nor exported where no hub can say that they are lent; exit 10, nothing written."""
    out = tmp_path / "p"
    more = ("--for", "opencua", "--to", "somebody") if verb == "export" else ()
    run = witting(verb, _dataset(tmp_path / "d"), out, "--hub", tmp_path / "none", *more)
    assert (run.code, trained, out.exists()) == (10, [], False)
    assert "to ask whether these recordings are lent" in run.err


def test_an_export_of_recordings_names_who_gets_it(vault: _Vault, tmp_path: Path, witting) -> None:
    """Without a recipient nobody could be told when somebody leaves: refused, nothing written."""
    run = witting("export", _dataset(tmp_path / "d"), tmp_path / "p", "--for", "opencua", "--hub", tmp_path)
    assert (run.code, (tmp_path / "p").exists(), vault.is_closed) == (2, False, True)
    assert "say who: --to NAME" in run.err


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Stand in for the live evaluation: notes what is asked, answers with a report."""
    asked: list[tuple[Any, ...]] = []

    def evaluate(agents: Any, tasks: Any, **options: Any) -> EvaluationReport:
        options["progress"]("random", "click-tab", 1, 20)
        asked.append(([agent.name for agent in agents], tuple(tasks), options))
        results = tuple(summarise([*_rollouts("random", 2), *_rollouts("text-match", 9)]))
        return EvaluationReport(
            agents=("random", "text-match"), tasks=("click-tab",), episodes=10, seed_base=5, most_steps=8, episode_limit_ms=60_000,
            seconds=1.0, results=results,
        )  # fmt: skip

    monkeypatch.setattr("witting.lab.evaluate.evaluate", evaluate)
    return asked


def test_evaluate_shows_successes_with_intervals(evaluated: list[tuple[Any, ...]], tmp_path: Path, witting) -> None:
    """Agents, tasks and seeds reach the evaluation; the table has a row for each task and one for all, with intervals."""
    words = ("evaluate", "random", "text-match", "click-tab,click-link", "--episodes", 10, "--seed-base", 5, "--out", tmp_path)
    run = witting(*words)
    assert (run.code, run.err) == (0, "")
    agents, tasks, options = evaluated[0]
    assert (agents, tasks) == (["random", "text-match"], ("click-tab", "click-link"))
    assert (options["episodes"], options["seed_base"], options["out"]) == (10, 5, tmp_path)
    assert "20 % (" in run.out
    assert "90 % (" in run.out
    assert "raw reward of 1; at most 8 steps and 60 s an episode" in " ".join(run.out.split())
    assert [row["task"] for row in json.loads(witting(*words, "--json").out)["results"]][:2] == ["click-tab", "click-tab"]


def test_evaluate_knows_the_suite(evaluated: list[tuple[Any, ...]], tmp_path: Path, witting) -> None:
    """`miniwob` stands for all tasks that fit, `miniwob-quick` for ten of them; --tasks picks, and --seed is the first seed."""
    witting("evaluate", "random", "miniwob", "--out", tmp_path)
    witting("evaluate", "random", "miniwob-quick", "--out", tmp_path)
    witting("evaluate", "random", "miniwob", "--tasks", "click-link, click-tab,click-link", "--seed", 7, "--out", tmp_path)
    assert [len(asked[1]) for asked in evaluated] == [51, 10, 2]
    assert set(evaluated[1][1]) < set(evaluated[0][1])
    assert evaluated[2][1:] == (("click-link", "click-tab"), {**evaluated[2][2], "seed_base": 7})
    refused = witting("evaluate", "random", "minivob", "--tasks", "click-link", "--out", tmp_path)
    assert (refused.code, "miniwob-quick" in refused.err) == (2, True)


def test_compare_tells_runs_apart_seed_by_seed(tmp_path: Path, witting) -> None:
    """Two runs with the same seeds are compared in pairs; what can't be told apart is said not to be."""
    first = _run_folder(tmp_path / "a", *_rollouts("random", 1, 40))
    second = _run_folder(tmp_path / "b", *_rollouts("mine", 35, 40))
    assert "; differ (p 0.000)" in witting("compare", first, second).out
    assert "can't be told apart" in witting("compare", first, first).out
    rows = json.loads(witting("compare", first, second, "--json").out)["tasks"]
    assert [(row["task"], row["first"], row["second"]) for row in rows] == [("click-tab", 1, 35), ("total", 1, 35)]


def test_compare_asks_which_agent_is_meant(tmp_path: Path, witting) -> None:
    """Of a run with several agents one has to be named, and one that took part."""
    both = _run_folder(tmp_path / "a", *_rollouts("random", 1), *_rollouts("mine", 9))
    run = witting("compare", both, both)
    assert (run.code, f"{both} has the agents random, mine" in run.err) == (2, True)
    assert f"hint: say which: {both}:random" in run.err
    assert witting("compare", f"{both}:nobody", both).code == 2
    assert witting("compare", f"{both}:random", f"{both}:mine").code == 0
    empty = _run_folder(tmp_path / "empty")
    assert "of nobody" in witting("compare", empty, both).err
    other = _run_folder(tmp_path / "other", Rollout(task="x", agent="a", seed=99, reward=0, is_success=False, steps=1, seconds=1))
    assert "share no task and seed" in witting("compare", f"{both}:random", other).err


def test_hub_serve_tells_its_address(tmp_path: Path, witting, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub says where it listens once it does, as text or JSON; --port stands above the settings."""
    data, served = tmp_path / "hub", []

    def serve(config: Any, *, on_ready: Any) -> None:
        served.append(config.port)
        on_ready(f"http://127.0.0.1:{config.port}")

    monkeypatch.setattr("witting.hub.serve.serve", serve)
    assert witting("hub", "init", "--data", data, "--port", 8421).code == 0
    assert "the hub listens on http://127.0.0.1:8421" in witting("hub", "serve", "--data", data).out
    assert json.loads(witting("hub", "serve", "--data", data, "--port", 8500, "--json").out)["url"] == "http://127.0.0.1:8500"
    assert served == [8421, 8500]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for the story of the demo."""
    seen: dict[str, Any] = {"fails": None, "stopped": 0}

    def tell(out: Path, console: Any, *, size: Any) -> None:
        console.print("once upon a time")
        seen["size"] = size
        out.mkdir(exist_ok=True)
        (out / "report.json").write_text('{"checks": []}')
        if seen["fails"]:
            raise seen["fails"]

    monkeypatch.setattr("witting.demo.story.tell", tell)
    monkeypatch.setattr("witting.demo.story.stop_leftovers", lambda: seen.update(stopped=seen["stopped"] + 1))
    return seen


def test_demo_tells_the_story(told: dict[str, Any], tmp_path: Path, witting) -> None:
    """The story goes to the terminal, with --json to standard error, and the report to standard output."""
    run = witting("demo", "--out", tmp_path / "d", "--episodes", 6, "--live-episodes", 7, "--seed", 8)
    assert "once upon a time" in run.out
    assert (told["size"].episodes, told["size"].live_episodes, told["size"].first_seed) == (6, 7, 8)
    run = witting("demo", "--out", tmp_path / "d", "--json")
    assert (json.loads(run.out), "once upon a time" in run.err) == ({"checks": []}, True)


def test_demo_that_fails_or_is_stopped(told: dict[str, Any], tmp_path: Path, witting) -> None:
    """A check that doesn't hold is exit 1 with the report printed all the same; Ctrl-C ends what the demo started."""
    from witting.demo.stage import CheckFailedError

    told["fails"] = CheckFailedError("1 of 30 checks don't hold: nothing was lost", hint="see the report")
    run = witting("demo", "--out", tmp_path / "d", "--json")
    assert (run.code, json.loads(run.out)) == (1, {"checks": []})
    assert "nothing was lost" in run.err
    told["fails"] = KeyboardInterrupt()
    assert witting("demo", "--out", tmp_path / "d").code == 1
    assert told["stopped"] == 1


@pytest.mark.parametrize("names", [{".made-by-witting-demo", "x"}, {"hub", "logs", "people"}, set()])
def test_only_a_demo_s_own_folder_is_made_anew(names: set[str], tmp_path: Path) -> None:
    """What an earlier demo left goes; a folder with anything else is left as it is (see test_bad_input)."""
    from witting.demo.story import _make_anew

    out = tmp_path / "demo"
    out.mkdir()
    for name in names:
        (out / name).touch()
    _make_anew(out)
    assert {path.name for path in out.iterdir()} == {".made-by-witting-demo"}
