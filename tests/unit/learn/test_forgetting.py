"""A policy is made again without somebody: equal to never having had them, from the last weights that never saw them, and said so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from lessons import HashedWords, episode, episodes

from witting.cli.unlearn import unlearn
from witting.lab.dataset import open_lent
from witting.lab.learn import TrainingConfig, load_card, train
from witting.lab.learn.recipe import Recipe, first_touched, load_recipe, slice_of, weights_file
from witting.lab.unlearn import Forgotten, forget_sessions, leaving_of, prove
from witting.lab.unlearn import forgetting as forgetting_room
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.work import DatasetManifest, DatasetSession, Episode

WORDS = HashedWords()
SLICES = 3
SESSIONS = tuple(f"session{number}" for number in range(9))
CONFIG = TrainingConfig(least_updates=12, most_updates=30, passes=2, rewrites=0, slices=SLICES, words=WORDS)
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


class Shelf:
    """A dataset in memory."""

    def __init__(self, path: Path, found: list[Episode]) -> None:
        self.path, self._found = path, found
        entries = tuple(
            DatasetSession(session_id=name, participant="", receipt_id="", parcel_id="", episodes=4, steps=4, digest="")
            for name in sorted({one.session_id for one in found})
        )
        self.manifest = DatasetManifest(
            dataset_id="d@1", programme_id="d", version=1, built_at="", purpose="train", sessions=entries, root="r", source="somebody else"
        )

    def episodes(self) -> Iterator[Episode]:
        """Yield them."""
        yield from self._found


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Shelf]:
    """Put datasets in memory, imported ones, in the place of those on disk, by folder."""
    shelves: dict[str, Shelf] = {}
    monkeypatch.setattr("witting.lab.dataset.lent.open_dataset", lambda path: shelves[str(path)])
    monkeypatch.setattr("witting.lab.dataset.read_manifest", lambda path: shelves[str(path)].manifest)
    folder = tmp_path / "ds"
    folder.mkdir()
    shelves[str(folder)] = Shelf(folder, episodes(36, len(SESSIONS)))
    return shelves


@pytest.fixture
def trained(shelf: dict[str, Shelf], tmp_path: Path) -> Path:
    """Return a policy taught in slices."""
    train(open_lent(tmp_path / "ds", None), tmp_path / "old", config=CONFIG)
    return tmp_path / "old"


def _forget(model: Path, *names: str, out: Path, dataset: Path | None = None, compare: bool = False) -> Forgotten:
    """Forget sessions by name, on the dataset of the policy's recipe or another."""
    leaving = leaving_of(model, names)
    lent = open_lent(dataset or Path(leaving.recipe.dataset), None, exclude=leaving.without)
    return forget_sessions(leaving, lent, out_dir=out, compare=compare, words=WORDS)


def _in_slice(place: int) -> str:
    return next(session for session in SESSIONS if slice_of(session, SLICES) == place)


def test_a_recipe_says_how_to_make_the_policy_again(trained: Path) -> None:
    """Dataset, seed, slices and what each slice added stand beside the card, with the digest of every weights kept on the way."""
    recipe = load_recipe(trained)
    assert (recipe.seed, recipe.slices, Path(recipe.dataset).name) == (0, SLICES, "ds")
    assert sorted(name for part in recipe.slice_sessions for name in part) == sorted(SESSIONS)
    assert len(recipe.kept) == SLICES - 1 == len(set(recipe.kept))
    assert all((trained / weights_file(place)).is_file() for place in range(SLICES - 1))
    assert len(recipe.updates) == SLICES


@pytest.mark.promise("P26")
@pytest.mark.parametrize("place", range(SLICES))
def test_without_somebody_equals_never_having_had_them(trained: Path, tmp_path: Path, place: int) -> None:
    """Whichever slice a session came in, the policy without it is bit by bit the one made from scratch without it; later costs less."""
    leaving = _in_slice(place)
    done = _forget(trained, leaving, out=tmp_path / "new", compare=True)
    assert done.proof is not None
    assert done.proof.holds
    assert done.proof.weights_changed
    assert done.left == done.proof.sessions_gone == (leaving,)
    assert done.first_slice == place
    assert done.card.replaces == load_card(trained).model_id
    assert leaving not in load_card(tmp_path / "new").sessions
    recipe = load_recipe(tmp_path / "new")
    assert (leaving in recipe.without, len(recipe.updates), recipe.kept[:place]) == (True, SLICES, load_recipe(trained).kept[:place])
    assert done.share == pytest.approx(sum(recipe.updates[place:]) / sum(recipe.updates))


def test_one_after_another_can_leave(trained: Path, tmp_path: Path) -> None:
    """A policy that forgot somebody forgets the next one as well, and neither comes back."""
    first, second = _in_slice(2), _in_slice(1)
    _forget(trained, first, out=tmp_path / "a")
    done = _forget(tmp_path / "a", second, out=tmp_path / "b", compare=True)
    assert done.proof is not None
    assert done.proof.holds
    both = _forget(trained, second, first, out=tmp_path / "c")
    assert both.card.weights_sha256 == done.card.weights_sha256
    assert not {first, second} & set(done.card.sessions)


def test_what_a_dataset_got_since_is_not_learnt_by_the_way(trained: Path, shelf: dict[str, Shelf], tmp_path: Path) -> None:
    """Forgetting teaches nothing new: sessions that came after the policy stay out of it."""
    folder = tmp_path / "ds"
    shelf[str(folder)] = Shelf(folder, [*episodes(36, len(SESSIONS)), episode(77, "newcomer")])
    done = _forget(trained, _in_slice(0), out=tmp_path / "new")
    assert "newcomer" not in done.card.sessions


def test_a_dataset_that_somebody_left_already_serves(trained: Path, shelf: dict[str, Shelf], tmp_path: Path) -> None:
    """When the dataset was released without them first, that release is enough; one that lacks others too is refused by count."""
    leaving = _in_slice(1)
    folder = tmp_path / "ds-2"
    folder.mkdir()
    shelf[str(folder)] = Shelf(folder, [one for one in episodes(36, len(SESSIONS)) if one.session_id != leaving])
    done = _forget(trained, leaving, out=tmp_path / "new", dataset=folder, compare=True)
    assert done.proof is not None
    assert done.proof.holds
    with pytest.raises(UsageError, match="lacks 1 of the sessions"):
        _forget(trained, _in_slice(0), out=tmp_path / "other", dataset=folder)


@pytest.mark.parametrize("name", ["", "nobody", "session"])
def test_who_isnt_in_it_or_isnt_one_is_refused(trained: Path, tmp_path: Path, name: str) -> None:
    """A session that the policy never saw, or a name that several have, changes nothing."""
    with pytest.raises(UsageError, match="sessions whose id begins"):
        _forget(trained, name, out=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(trained: Path, tmp_path: Path) -> None:
    """A folder with something in it, the old policy's own among them, is refused."""
    with pytest.raises(UsageError, match="isn't empty"):
        _forget(trained, SESSIONS[0], out=trained)


def test_a_dataset_that_isnt_there_is_said(trained: Path, tmp_path: Path) -> None:
    """A moved dataset is asked for by name."""
    (tmp_path / "ds").rmdir()
    run = CliRunner().invoke(unlearn, [str(trained), "--session", SESSIONS[0]])
    assert isinstance(run.exception, UsageError)
    assert "--dataset" in run.exception.hint


def test_who_stays_must_be_lent_still(trained: Path, shelf: dict[str, Shelf], tmp_path: Path) -> None:
    """Of people's recordings nothing is made again while one that stays isn't lent; who leaves needn't be."""
    folder, leaving = tmp_path / "ds", _in_slice(1)
    shelf[str(folder)].manifest = msgspec.structs.replace(shelf[str(folder)].manifest, source="")

    class Vault:
        """Lends all but some."""

        def __init__(self, *kept: str) -> None:
            self._kept = kept

        def lent(self, manifest: DatasetManifest) -> frozenset[str]:
            """Return what is lent."""
            return frozenset(session.session_id for session in manifest.sessions) - frozenset(self._kept)

    told = leaving_of(trained, [leaving])
    done = forget_sessions(told, open_lent(folder, Vault(leaving), exclude=told.without), out_dir=tmp_path / "a", words=WORDS)
    assert leaving not in done.card.sessions
    with pytest.raises(NoConsentError):
        open_lent(folder, Vault(leaving, _in_slice(0)), exclude=told.without)
    with pytest.raises(NoConsentError):
        open_lent(folder, None, exclude=told.without)


@pytest.mark.parametrize("harm", ["torn", "other", "gone"])
def test_changed_weights_are_not_gone_on_from(trained: Path, tmp_path: Path, harm: str) -> None:
    """Kept weights that are missing, torn or another's are no ground to build on."""
    path = trained / weights_file(0)
    if harm == "torn":
        path.write_bytes(path.read_bytes()[:100])
    elif harm == "other":
        path.write_bytes((trained / weights_file(1)).read_bytes())
    else:
        path.unlink()
    with pytest.raises(IntegrityError):
        _forget(trained, _in_slice(1), out=tmp_path / "new")


def test_a_policy_without_recipe_is_refused(trained: Path, tmp_path: Path) -> None:
    """An older policy doesn't say how it was made; it can't be made again."""
    (trained / "recipe.json").unlink()
    with pytest.raises(UsageError, match="how it was made"):
        _forget(trained, SESSIONS[0], out=tmp_path / "new")


def test_places_in_slices_depend_on_the_session_alone() -> None:
    """A session's slice is the same whoever else is there; with one slice everything is in it; nobody leaving touches nothing."""
    assert {slice_of(f"s{number}", 1) for number in range(50)} == {0}
    counts = [sum(slice_of(f"s{number}", 4) == place for number in range(400)) for place in range(4)]
    assert min(counts) > 60
    recipe = Recipe(dataset="", seed=0, slices=4)
    assert first_touched(recipe, []) == 4
    assert first_touched(recipe, ["s1", "s2"]) == min(slice_of("s1", 4), slice_of("s2", 4))


def test_the_verb_prints_the_cost_and_the_proof(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`witting unlearn` says what left, what it cost beside the whole training, and that it is as from scratch; JSON holds the same."""
    real = forget_sessions

    def with_words(*given: Any, **told: Any) -> Any:
        return real(*given, **told, words=WORDS)

    monkeypatch.setattr("witting.lab.unlearn.forget_sessions", with_words)
    leaving = _in_slice(2)
    run = CliRunner().invoke(unlearn, [str(trained), "--session", leaving, "--compare"])
    assert run.exit_code == 0, run.output
    assert "equal to training from scratch without them, bit for bit" in run.output
    assert f"slice 3 of {SLICES}" in run.output
    assert "% of the" in run.output
    assert (tmp_path / f"old-without-{leaving[:8]}" / "card.json").is_file()
    told = json.loads(CliRunner().invoke(unlearn, [str(trained), str(tmp_path / "j"), "--session", leaving, "--json"]).output)
    assert (told["left"], told["slices"], told["proof"]) == ([leaving], SLICES, None)
    assert told["card"]["weights_sha256"] == load_card(tmp_path / f"old-without-{leaving[:8]}").weights_sha256
    assert forgetting_room.forget_sessions is real


def test_a_policy_that_differs_from_scratch_is_an_error(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof that doesn't hold is said and ends with the exit status of broken integrity."""
    card = load_card(trained)
    other = msgspec.structs.replace(card, weights_sha256="00")
    told = Forgotten(card, ("s",), 0, 1, 5, 1.0, 2.0, 2.0, prove(card, other, old=card, left=["s"]))
    monkeypatch.setattr("witting.lab.unlearn.forget_sessions", lambda *_, **__: told)
    run = CliRunner().invoke(unlearn, [str(trained), str(tmp_path / "n"), "--session", SESSIONS[0]])
    assert isinstance(run.exception, IntegrityError)
    assert "NOT equal" in run.output
