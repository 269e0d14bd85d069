"""Leaving goes on to what was made: datasets are released again, models trained again, old ones erased, whatever kills the process."""

import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_dataset_from_vault import Hub, Verb, now, open_hub, verb

from witting.cli import main
from witting.hub.vault import Vault
from witting.lab.dataset import open_lent, read_manifest
from witting.lab.learn import TrainingConfig, load_card, train
from witting.lab.unlearn import Followed, Lab, check_weights, follow_recalls, following, not_here
from witting.policy.bundle import signer_of
from witting.terms.errors import IntegrityError, StoreLockedError
from witting.terms.hub import WithdrawalAnswer
from witting.terms.work import Handout
from witting.testing.sender import Sender

__all__ = ["verb"]
pytestmark = [
    pytest.mark.promise("P26"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


class CrashError(BaseException):
    """The process is gone, as far as the code can tell."""


class HashedWords:
    """Vectors from digests: cheap, and the same each time."""

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector for each text."""
        rows = [np.frombuffer(hashlib.shake_256(text.lower().encode()).digest(384), dtype=np.uint8) for text in texts]
        found = np.stack(rows).astype(np.float32) - 127.5 if rows else np.zeros((0, 384), np.float32)
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)


WORDS = HashedWords()
USUAL = {("make", "after"), ("register", "after")}  # where most can go wrong; the others are slow tests
CONFIG = TrainingConfig(least_updates=2, most_updates=3, passes=1, rewrites=0, words=WORDS)


class Made:
    """People who lent, the dataset made of what they sent, and the model trained on it."""

    def __init__(self, hub: Hub, verb: Verb, folder: Path, *, people: int = 2) -> None:
        self.hub, self.folder = hub, folder
        folder.mkdir()
        self.people = [hub.join() for _ in range(people)]
        self.sessions = [hub.send(person) for person in self.people]
        code, built = verb("dataset", "build", hub.programme.id, folder / "data", "--purpose", "train", "--hub", hub.data)
        assert code == 0, built
        self.vault = Vault(hub.app.state.hub)
        self.card = train(open_lent(folder / "data", self.vault), folder / "model", config=CONFIG)
        self.vault.register_model(self.card)

    @property
    def lab(self) -> Lab:
        """Where it all lies."""
        return Lab(self.folder, words=WORDS)

    def leave(self, person: Sender) -> WithdrawalAnswer:
        """Withdraw everything of somebody."""
        return self.hub.ask("/v1/withdrawals", person.withdrawal(now()), WithdrawalAnswer)

    def holders(self, session: str) -> list[str]:
        """Return every file below the folder that holds a session's id, manifests of replaced versions left out."""
        files = [file for file in self.folder.rglob("*") if file.is_file() and session.encode() in file.read_bytes()]
        return [str(file.relative_to(self.folder)) for file in files if file != self.folder / "data" / "manifest.json"]


@pytest.fixture
def made(request: pytest.FixtureRequest, verb: Verb, tmp_path: Path) -> Iterator[Made]:
    """Two people, a dataset and a model; the hub's tables are in SQLite unless a test asks for PostgreSQL."""
    where = getattr(request, "param", "sqlite")
    url = request.getfixturevalue("new_postgresql_database")() if where == "postgresql" else ""
    with open_hub(tmp_path / "hub", database_url=url) as hub:
        yield Made(hub, verb, tmp_path / "lab")


def check_followed(made: Made, done: Sequence[Followed]) -> None:
    """Check that dataset and model are made anew without the second person, and the old ones gone."""
    kept, gone = made.sessions
    assert [one.kind for one in done] == ["dataset", "model"]
    assert all(one.found and not one.left for one in done)
    dataset, model = done
    assert [session.session_id for session in read_manifest(Path(dataset.path)).sessions] == [kept]
    card = check_weights(model.path)
    assert (card.sessions, card.replaces, card.dataset_id) == ((kept,), made.card.model_id, dataset.made)
    assert not (made.folder / "model").exists()
    assert {file.rsplit("/", 1)[-1] for file in made.holders(gone)} <= {"recipe.json"}  # says whom it leaves out, holds nothing of them
    assert made.vault.recalls() == []
    assert [one.model_id for one in made.vault.model_cards()] == [made.card.model_id, card.model_id]
    assert follow_recalls(made.vault, made.lab) == ()


@pytest.mark.promise("P13")
def test_what_was_made_of_somebody_is_made_anew_without_them(made: Made) -> None:
    """Nobody types a name: one call finds what was recalled by looking, makes it anew, enters it in the log and erases the old."""
    made.leave(made.people[1])
    assert made.holders(made.sessions[1])
    check_followed(made, follow_recalls(made.vault, made.lab))


@pytest.mark.promise("P13")
@pytest.mark.parametrize("kind", ["dataset", "model"])
@pytest.mark.parametrize(
    ("name", "when"),
    [
        pytest.param(name, when, marks=() if (name, when) in USUAL else pytest.mark.slow)
        for name in following.STEPS
        for when in ("before", "after")
    ],
)
@pytest.mark.parametrize("made", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True)
def test_killed_at_any_step_it_goes_on(made: Made, monkeypatch: pytest.MonkeyPatch, name: str, when: str, kind: str) -> None:
    """A process that dies before or after any step leaves a job that the next one ends as if nothing had been."""
    work: Any = following._DatasetWork if kind == "dataset" else following._ModelWork
    real: Callable[..., object] = getattr(work, name)

    def crash(self: object, said: Mapping[str, Any]) -> object:
        if when == "after":
            real(self, said)
        raise CrashError

    made.leave(made.people[1])
    with monkeypatch.context() as patched:
        patched.setattr(work, name, crash)
        with pytest.raises(CrashError):
            follow_recalls(made.vault, made.lab)
    assert [job.subject["kind"] for job in made.vault.unfinished_work(following.JOB)] == [kind]
    done = follow_recalls(made.vault, made.lab)
    before = [] if kind == "dataset" else [made_dataset(made)]
    check_followed(made, [*before, *done])


def made_dataset(made: Made) -> Followed:
    """Return what became of the dataset, which an earlier call made anew."""
    (place,) = made.folder.glob("data-anew-*")
    name = made.card.dataset_id
    return Followed(kind="dataset", name=name, made=read_manifest(place).dataset_id, path=str(place), found=("before",), left=())


def test_copies_go_with_it(made: Made, verb: Verb) -> None:
    """A second copy of a dataset loses its keys and rows too, wherever below the folder it lies."""
    shutil.copytree(made.folder / "data", made.folder / "old" / "copy")
    shutil.copytree(made.folder / "model", made.folder / "old" / "model")
    made.leave(made.people[1])
    follow_recalls(made.vault, made.lab)
    assert {Path(file).name for file in made.holders(made.sessions[1])} <= {"recipe.json", "manifest.json"}
    assert not (made.folder / "old" / "model").exists()
    assert verb("dataset", "check", made.folder / "old" / "copy")[0] != 0


def test_with_nobody_left_the_model_is_removed(made: Made) -> None:
    """When all left, the dataset's next version is empty, the model is gone and the log says so."""
    for person in made.people:
        made.leave(person)
    dataset, model = follow_recalls(made.vault, made.lab)
    assert read_manifest(Path(dataset.path)).sessions == ()
    assert (model.made, model.path, model.left) == ("", "", ())
    assert not (made.folder / "model").exists()
    assert made.vault.recalls() == []
    assert [recall.kind for recall in made.vault.recalls(with_done=True)] == ["dataset", "model"]


def test_what_is_still_there_is_told(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that still finds something ends in an error, and the job stays open until it finds nothing."""
    made.leave(made.people[1])
    with monkeypatch.context() as patched:
        patched.setattr(following._ModelWork, "erase", lambda *_: True)
        with pytest.raises(IntegrityError, match="still hold"):
            follow_recalls(made.vault, made.lab)
    assert [recall.kind for recall in made.vault.recalls()] == []
    assert [job.subject["kind"] for job in made.vault.unfinished_work(following.JOB)] == ["model"]
    (done,) = follow_recalls(made.vault, made.lab)
    assert (done.kind, done.left) == ("model", ())


def test_the_verb_says_what_became_of_it(
    made: Made, verb: Verb, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`witting follow` makes anew, names what lies elsewhere and who is to be told; watching, it takes up what comes while it waits."""
    made.vault.register_handout(handout(made))
    rounds: list[float] = []

    def wait(seconds: float) -> None:
        rounds.append(seconds)
        if len(rounds) == 1:
            made.leave(made.people[1])
        elif len(rounds) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("witting.cli.following.time.sleep", wait)
    monkeypatch.setattr(
        "witting.lab.unlearn.forgetting._config", lambda *_, old, signer: replace(CONFIG, replaces=old.model_id, signer=signer)
    )
    sys.argv = ["witting", "follow", str(made.folder), "--hub", str(made.hub.data), "--watch", "5"]
    with pytest.raises(SystemExit):
        main()
    assert rounds == [5, 5]
    said = capsys.readouterr().out
    assert "nothing is recalled" in said
    assert f"dataset {made.card.dataset_id}: {made.hub.programme.id}@2 in" in said
    assert "tell Sample Lab by 20" in said
    code, answer = verb("follow", made.folder, "--hub", made.hub.data)
    assert (code, answer["followed"], answer["elsewhere"]) == (0, [], [])
    assert [(one["recipient"], one["sessions"]) for one in answer["to_tell"]] == [("Sample Lab", [made.sessions[1]])]
    assert [recall.kind for recall in made.vault.recalls()] == ["export"]
    (place,) = made.folder.glob("model-anew-*")
    assert signer_of(place) == made.vault.signing_key.public


def handout(made: Made) -> Handout:
    """Return an export of everything that was handed out."""
    return Handout(
        export_id="e" * 32,
        dataset_id=made.card.dataset_id,
        purpose="train",
        format="opencua",
        recipient="Sample Lab",
        sessions=tuple(made.sessions),
        files_sha256="f" * 64,
        exported_at=now(),
    )


def test_two_processes_do_not_follow_at_once(made: Made) -> None:
    """Whoever comes second is told so and changes nothing."""
    with following._alone(made.folder), pytest.raises(StoreLockedError):
        follow_recalls(made.vault, made.lab)


def test_what_lies_elsewhere_is_named(made: Made, tmp_path: Path) -> None:
    """A recalled thing that isn't below the folder stays recalled and is named."""
    made.leave(made.people[1])
    (tmp_path / "empty").mkdir()
    lab = Lab(tmp_path / "empty", words=WORDS)
    assert follow_recalls(made.vault, lab) == ()
    assert [recall.kind for recall in not_here(made.vault, lab)] == ["dataset", "model"]
    assert load_card(made.folder / "model").model_id == made.card.model_id
