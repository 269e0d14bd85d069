"""A log in a folder, and a proof in a file: what was changed anywhere in them is found by name, without a network (P17)."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.audit.offline import Trust, check_export, check_proof_file, own_key
from witting.audit.report import failed
from witting.ledger.keys import SigningKey
from witting.ledger.log import (
    FolderLogStore,
    Log,
    MemoryLogStore,
    Opening,
    claimed,
    commit_entry,
    cosign,
    cosigner_key,
    open_cosignature,
    read_proof,
    verifier_key,
    verify_proof,
    write_export,
    write_proof,
)
from witting.ledger.log.store import check_store
from witting.ledger.log.tiles import pack_entries, parse_tile, split_entries, tile_name
from witting.terms.errors import LogError, UsageError
from witting.terms.hub import LogProof

KEY, WITNESS = SigningKey.from_seed(bytes(range(32))), SigningKey.from_seed(bytes(range(1, 33)))
ORIGIN, COUNCIL = "hub.example.org/log", "council.example.org/witness"
VERIFIER, COSIGNER = verifier_key(ORIGIN, KEY.public), cosigner_key(COUNCIL, WITNESS.public)
SIZE = 600
SALT = bytes(32)
FIELDS = {"participant": "ab" * 16}

pytestmark = pytest.mark.promise("P17")


def _entry(number: int) -> bytes:
    return commit_entry("session_read", {**FIELDS, "number": number}, salt=SALT)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 600 entries in a folder, cosigned."""
    store = MemoryLogStore()
    log = Log(store)
    log.extend([_entry(number) for number in range(SIZE)])
    note = log.checkpoint(ORIGIN, KEY)
    note += cosign(note, WITNESS, name=COUNCIL, timestamp=1_800_000_000)
    folder = tmp_path_factory.mktemp("export") / "log"
    told: list[tuple[int, int]] = []
    assert write_export(store, folder, checkpoint=note, keys=(VERIFIER,), on_progress=lambda *how_far: told.append(how_far)) == SIZE
    assert told == [(256, SIZE), (512, SIZE), (SIZE, SIZE)]
    with pytest.raises(UsageError, match="isn't empty"):
        write_export(store, folder, checkpoint=note, keys=(VERIFIER,))
    return folder


@pytest.fixture
def copy(exported: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(exported, tmp_path / "copy"))


def test_an_export_has_the_names_of_the_specification(exported: Path) -> None:
    """Whole and partial tiles and bundles lie where C2SP tlog-tiles has them, and nothing else does."""
    names = sorted(str(file.relative_to(exported)) for file in exported.rglob("*") if file.is_file())
    tiles = [f"tile/{level}/{name}" for level in ("0", "entries") for name in ("000", "001", "002.p/88")]
    assert names == sorted(["checkpoint", "verifier-keys", "tile/1/000.p/2", *tiles])


def test_a_sound_export_is_recomputed(exported: Path) -> None:
    """Under the log's key and the witness's it holds; without a key the evidence says whose word the key is."""
    checks = check_export(exported, Trust(VERIFIER, COSIGNER))
    assert failed(checks) == []
    assert [f"{SIZE} entries" in checks[0].evidence, COUNCIL in checks[1].evidence, "2027-01-15" in checks[1].evidence] == [True] * 3
    (alone,) = check_export(exported, Trust())
    assert alone.holds
    assert "own word" in alone.evidence


def _flip(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)


def _cut(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])


def _remove(folder: Path, name: str) -> None:
    (folder / name).unlink()


def _swap(folder: Path, name: str) -> None:
    """Exchange two parts of equal length."""
    data = (folder / name).read_bytes()
    width = 32 if "entries" not in name else 2 + int.from_bytes(data[:2], "big")
    (folder / name).write_bytes(data[width : 2 * width] + data[:width] + data[2 * width :])


def _repeat(folder: Path, name: str) -> None:
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data + data)


@pytest.mark.parametrize("tamper", [_flip, _cut, _remove, _swap, _repeat], ids=lambda one: one.__name__)
@pytest.mark.parametrize(
    "name", ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88", "tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"]
)
def test_a_tampered_export_is_found(copy: Path, tamper: Callable[[Path, str], None], name: str) -> None:
    """Each entry bundle and tile flipped, cut, removed, reordered or repeated: the check doesn't hold and says what it is."""
    tamper(copy, name)
    (broken,) = failed(check_export(copy, Trust(VERIFIER)))
    assert any(word in broken.evidence for word in ("root", "tile", "bundle", "missing"))


def test_a_rolled_back_export_is_found(copy: Path) -> None:
    """A shorter log under the newer checkpoint lacks its bundles; under its own it is that log, not cosigned."""
    older = MemoryLogStore()
    Log(older).extend([_entry(number) for number in range(100)])
    note = Log(older).checkpoint(ORIGIN, KEY)
    folder = copy.parent / "older"
    write_export(older, folder, checkpoint=note, keys=())
    (folder / "checkpoint").write_text((copy / "checkpoint").read_text("utf-8"), "utf-8")
    assert failed(check_export(folder, Trust(VERIFIER)))
    (folder / "checkpoint").write_text(note, "utf-8")
    (broken,) = failed(check_export(folder, Trust(VERIFIER, COSIGNER)))
    assert "isn't cosigned" in broken.evidence


@pytest.mark.parametrize("trust", [Trust(verifier_key(ORIGIN, WITNESS.public)), Trust(verifier_key("other", KEY.public)), Trust("x")])
def test_an_export_under_another_key_is_refused(exported: Path, trust: Trust) -> None:
    """A key of another signer, of another log, or that is none: nothing is recomputed."""
    assert failed(check_export(exported, trust))


@pytest.mark.parametrize("name", ["checkpoint", "verifier-keys"])
def test_an_export_without_its_papers_is_told_so(copy: Path, name: str) -> None:
    """A missing checkpoint or key file, or one that is no text, is named."""
    (copy / name).write_bytes(b"\xff\xfe")
    assert "no text" in failed(check_export(copy, Trust()))[0].evidence
    (copy / name).unlink()
    assert f"{name} of the exported log is missing" in failed(check_export(copy, Trust()))[0].evidence


def test_progress_is_told_while_it_recomputes(exported: Path) -> None:
    """Long work says how far it is, up to the end; a store of files can't be written to."""
    told: list[int] = []
    store = FolderLogStore(exported)
    assert check_store(store, store.checkpoint, verifier=VERIFIER, on_progress=lambda done, _: told.append(done)) == SIZE
    assert told[-1] == SIZE
    with pytest.raises(LogError, match="can't be added"):
        store.put([b"x"], {})


@given(st.integers(0, 10**12), st.integers(1, 256), st.sampled_from(["entries", "0", "5"]))
def test_a_tiles_name_is_its_own(index: int, width: int, level: str) -> None:
    """Each index and width has one name, and the name leads back to them."""
    prefix = f"tile/{level}/"
    name = tile_name(level, index, width=width)
    assert name.startswith(prefix)
    assert parse_tile(level, name.removeprefix(prefix)) == (index, width)


@pytest.mark.parametrize(
    ("index", "width", "name"),
    [(0, 256, "tile/0/000"), (1_234_067, 256, "tile/0/x001/x234/067"), (273, 17, "tile/0/273.p/17"), (1000, 256, "tile/0/x001/000")],
)
def test_names_of_the_specification(index: int, width: int, name: str) -> None:
    """The examples of C2SP tlog-tiles."""
    assert tile_name("0", index, width=width) == name


@pytest.mark.parametrize(
    "name", ["0", "00", "0000", "x000/000", "000.p/0", "000.p/256", "000.p/017", "1", "../000", "000/", "x001/x1/000", "\u0660\u0660\u0660"]
)
def test_what_is_no_name_of_a_tile_is_refused(name: str) -> None:
    """One form only: no short, padded or foreign spelling."""
    assert parse_tile("0", name) is None


@pytest.mark.parametrize("level", ["6", "-1", "x", "", "entries2"])
def test_a_level_that_is_none_is_refused(level: str) -> None:
    """There are six levels and the entries."""
    assert parse_tile(level, "000") is None


@given(st.lists(st.binary(max_size=40), max_size=8), st.data())
def test_a_bundle_comes_back_whole_or_not_at_all(entries: list[bytes], data: st.DataObject) -> None:
    """Packed and split it is the same; cut anywhere it is refused."""
    bundle = pack_entries(entries)
    assert split_entries(bundle, width=len(entries)) == entries
    if bundle:
        with pytest.raises(LogError):
            split_entries(bundle[: data.draw(st.integers(0, len(bundle) - 1))], width=len(entries))


def _proof(index: int = 5, size: int = 20) -> LogProof:
    log = Log(MemoryLogStore())
    log.extend([_entry(number) for number in range(size)])
    proof = log.prove(index, ORIGIN, signing_key=KEY)
    return msgspec.structs.replace(proof, opening=msgspec.json.encode(Opening({**FIELDS, "number": index}, SALT.hex())))


@given(st.integers(1, 70), st.data())
def test_a_proof_file_is_the_proof(size: int, data: st.DataObject) -> None:
    """Written and read it is the same proof, and it verifies."""
    proof = _proof(data.draw(st.integers(0, size - 1)), size)
    text = write_proof(proof)
    assert text.startswith("c2sp.org/tlog-proof@v1\nextra ")
    assert read_proof(text) == proof
    assert verify_proof(read_proof(text), KEY.public, origin=ORIGIN) == proof.entry


@given(st.data())
def test_a_changed_proof_file_does_not_hold(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any character changed, any line removed, repeated or moved: refused by name, or no longer a proof of the entry that it names."""
    proof = _proof()
    text = write_proof(proof)
    deed = data.draw(st.sampled_from(["flip", "drop", "repeat", "cut"]))
    lines = text.split("\n")
    place = data.draw(st.integers(0, len(lines) - 2))
    if deed == "flip":
        at = data.draw(st.integers(0, len(text) - 1))
        changed = text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]
    elif deed == "cut":
        changed = text[: data.draw(st.integers(0, len(text) - 1))]
    else:
        changed = "\n".join(lines[:place] + ([lines[place]] * 2 if deed == "repeat" else []) + lines[place + 1 :])
    try:
        read = read_proof(changed)
        verify_proof(read, KEY.public, origin=ORIGIN)
    except LogError:
        return
    file = tmp_path_factory.mktemp("proof") / "x.tlog-proof"
    file.write_text(changed, "utf-8")
    same = (read.entry, read.index, read.opening) == (proof.entry, proof.index, proof.opening)
    assert same or failed(check_proof_file(file, Trust(VERIFIER)))


def test_a_proof_file_is_checked_with_its_opening(tmp_path: Path) -> None:
    """The check says where the entry stands and what it says; without a key, of the wrong witness, or too large it says why not."""
    file = tmp_path / "a.tlog-proof"
    proof = _proof()
    file.write_text(write_proof(proof), "utf-8")
    checks = check_proof_file(file, Trust(VERIFIER))
    assert failed(checks) == []
    assert "entry 5, session_read" in checks[0].evidence
    assert FIELDS["participant"] in checks[1].evidence
    assert len(failed(check_proof_file(file, Trust(VERIFIER, COSIGNER)))) == 1
    note = proof.checkpoint + cosign(proof.checkpoint, WITNESS, name=COUNCIL, timestamp=2**63)
    file.write_text(write_proof(msgspec.structs.replace(proof, checkpoint=note)), "utf-8")
    assert "9999" in check_proof_file(file, Trust(VERIFIER, COSIGNER))[-1].evidence
    with pytest.raises(UsageError, match="no key"):
        check_proof_file(file, Trust(own_key(tmp_path)))
    file.write_bytes(b"\xff")
    with pytest.raises(LogError):
        check_proof_file(file, Trust(VERIFIER))
    file.write_bytes(b"x" * 1_000_001)
    with pytest.raises(UsageError, match="large"):
        check_proof_file(file, Trust(VERIFIER))


def test_the_cosignature_of_the_specification() -> None:
    """A key's text names type 4; the line binds text and time; another key, text or time doesn't open it."""
    note = _proof().checkpoint
    line = cosign(note, WITNESS, name=COUNCIL, timestamp=1679315147)
    assert open_cosignature(note + line, COSIGNER) == 1679315147
    assert claimed(note + line) == claimed(note)
    later = _proof(size=21).checkpoint
    for text, key in (
        (note, COSIGNER),
        (later + line, COSIGNER),
        (note + line, cosigner_key(COUNCIL, KEY.public)),
        (note + line, VERIFIER),
    ):
        with pytest.raises(LogError):
            open_cosignature(text, key)
