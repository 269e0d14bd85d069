"""Vectors of words: each by itself, of length one, and no rare word in the cache on disk."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from witting.policy.encoder import MODEL_FILE, TOKENIZER_FILE, MiniLmVectors, encoder_dir
from witting.terms.errors import MissingExtraError

WIDTH = 384
PUBLIC = ("car", "tree", "mark")
PIECES = ("[UNK]", "[CLS]", "[SEP]", "the", "word", *PUBLIC, "Kuni", "##gunde")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a small model of the real one's shape: the mean of drawn vectors of word pieces."""
    table = np.random.default_rng(5).standard_normal((len(PIECES), WIDTH)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "ids"], ["rows"]), helper.make_node("ReduceMean", ["rows"], ["out"], axes=[1], keepdims=0)],
        "mean",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, None])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, WIDTH])],
        [numpy_helper.from_array(table, "table")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(tmp_path / MODEL_FILE))
    tokenizer = Tokenizer(models.WordPiece({piece: index for index, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    tokenizer.save(str(tmp_path / TOKENIZER_FILE))
    return tmp_path


def test_vectors_have_length_one_and_stand_in_order(folder: Path) -> None:
    """One row per word, of length 1; nothing asked gives nothing."""
    vectors = MiniLmVectors(folder)
    rows = vectors.vectors(["car", "tree", "car"])
    assert rows.shape == (3, WIDTH)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert (rows[0] == rows[2]).all()
    assert vectors.vectors([]).shape == (0, WIDTH)


def test_a_words_vector_depends_on_that_word_alone(folder: Path) -> None:
    """Whatever else is asked, and in whatever order, not a bit of it changes."""
    alone = MiniLmVectors(folder).vectors(["car"])[0]
    among = MiniLmVectors(folder).vectors(["tree", "Kunigunde", "car", "mark"])[2]
    assert (alone == among).all()


@pytest.mark.promise("P7")
def test_only_public_words_reach_the_disk_and_only_as_hashes(folder: Path) -> None:
    """A word that the model cuts into pieces, such as a rare name, isn't in the cache in any form; a public one is there by its hash."""
    vectors = MiniLmVectors(folder)
    vectors.vectors(["car", "Kunigunde"])
    vectors.save_cache()
    (cache,) = folder.glob("*.npz")
    with np.load(cache) as stored:
        names = set(stored.files)
    assert names == {"centre", hashlib.sha256(b"car").hexdigest()}
    data = cache.read_bytes()
    assert b"unigunde" not in data
    assert hashlib.sha256(b"Kunigunde").hexdigest().encode() not in data


def test_a_cached_word_needs_no_model_and_is_the_same(folder: Path) -> None:
    """What was learnt before is read from the disk, bit for bit, without the model being opened."""
    first = MiniLmVectors(folder)
    rows = first.vectors(["car", "tree"])
    first.save_cache()
    again = MiniLmVectors(folder)
    assert (again.vectors(["car", "tree"]) == rows).all()
    assert again._session is None
    fresh = MiniLmVectors(folder).vectors(["mark"])
    assert (fresh == MiniLmVectors(folder).vectors(["mark"])).all()


def test_nothing_new_writes_nothing(folder: Path) -> None:
    """Saving twice, or saving what came from the cache, leaves the file as it is, and no partial file."""
    vectors = MiniLmVectors(folder)
    vectors.save_cache()
    assert not list(folder.glob("*.npz"))
    vectors.vectors(["car"])
    vectors.save_cache()
    (cache,) = folder.glob("*.npz")
    before = cache.stat().st_mtime_ns
    vectors.save_cache()
    again = MiniLmVectors(folder)
    again.vectors(["car"])
    again.save_cache()
    assert cache.stat().st_mtime_ns == before
    assert list(folder.glob("*.npz")) == [cache]


def test_without_the_model_there_is_one_clear_error(tmp_path: Path) -> None:
    """The error says what puts the model there."""
    with pytest.raises(MissingExtraError) as caught:
        MiniLmVectors(tmp_path)
    assert "witting train" in caught.value.hint


def test_the_models_place_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`WITTING_MODELS` goes before the user's cache folder."""
    monkeypatch.setenv("WITTING_MODELS", str(tmp_path))
    assert encoder_dir() == tmp_path
    monkeypatch.delenv("WITTING_MODELS")
    assert encoder_dir().name == "models"
