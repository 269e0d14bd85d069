"""Vectors of words by a frozen sentence model (all-MiniLM-L6-v2 as ONNX): what nearness in meaning is computed from.

Knows no tree and no instruction. A word is read as "the word …", and what all common words have in common is taken off: both bring
synonyms nearer than chance neighbours. A word's vector depends on that word alone: each is computed by itself, so that what else was
asked never changes a bit of it. Invariant: the cache on disk holds only words of the model's own public vocabulary, by hash.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from witting.policy.relations import Floats
from witting.terms.errors import MissingExtraError

MODEL_FILE = "minilm.onnx"
TOKENIZER_FILE = "minilm-tokenizer.json"
_CACHE_FILE = "minilm-words.npz"
_WIDTH = 384
_CENTRE = "centre"  # the mean of common words, in the same file
_PIECES_OF_A_WORD = 5  # [CLS] the word … [SEP]
_COMMON_WORDS = (
    "time", "person", "year", "way", "day", "thing", "man", "world", "life", "hand", "part", "child", "eye", "woman", "place", "work",
    "week", "case", "point", "company", "number", "group", "problem", "fact", "good", "new", "first", "last", "long", "great", "own",
    "other", "old", "right", "high", "different", "next", "early", "young", "important", "public", "bad", "same", "able", "find",
    "give", "tell", "call", "try", "ask", "need", "feel", "become", "leave", "put", "mean", "keep", "let", "begin", "help", "talk",
    "turn", "start", "show", "hear", "play", "run", "move", "live", "believe", "hold", "bring", "happen", "write", "provide", "sit",
    "stand", "lose", "pay", "meet", "include", "continue", "set", "learn", "change", "lead", "understand", "watch", "follow", "stop",
    "create", "speak", "read", "allow", "add", "spend", "grow", "open", "walk", "win", "offer", "remember", "consider", "appear",
    "buy", "wait", "serve", "send", "expect", "build", "stay", "fall", "cut", "reach",
)  # fmt: skip


def encoder_dir() -> Path:
    """Return where the exported sentence model is kept: `WITTING_MODELS`, else the user's cache folder."""
    return Path(os.environ.get("WITTING_MODELS") or platformdirs.user_cache_path("witting") / "models")


class MiniLmVectors:
    """Unit vectors of single words, kept in memory and, for words of the public vocabulary, on disk."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or encoder_dir()
        if not (self._folder / MODEL_FILE).is_file():
            message = f"the sentence model isn't in {self._folder}"
            raise MissingExtraError(message, hint="`witting train` puts it there (needs the extra `lab`); or set WITTING_MODELS")
        self._known: dict[str, Floats] = {}
        self._public: dict[str, Floats] = self._load_cache()
        self._is_changed = False
        self._session: Any = None
        self._tokenizer: Any = None
        self._centre: Floats = np.zeros(_WIDTH, np.float32)

    def vectors(self, words: Sequence[str]) -> Floats:
        """Return one unit row per word, (n, 384)."""
        return np.stack([self._vector(word) for word in words]) if words else np.zeros((0, _WIDTH), np.float32)

    def save_cache(self) -> None:
        """Write what was learnt of public words to disk, if anything was."""
        if not self._is_changed:
            return
        path = self._folder / _CACHE_FILE
        partial = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, **self._public)  # type: ignore[arg-type]
        partial.replace(path)
        self._is_changed = False

    def _load_cache(self) -> dict[str, Floats]:
        path = self._folder / _CACHE_FILE
        if not path.is_file():
            return {}
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}

    def _vector(self, word: str) -> Floats:
        known = self._known.get(word)
        if known is None:
            name = hashlib.sha256(word.encode()).hexdigest()
            known = self._public.get(name)
            if known is None:
                known, is_public = self._compute(word)
                if is_public:
                    self._public[name] = known
                    self._is_changed = True
            self._known[word] = known
        return known

    def _compute(self, word: str) -> tuple[Floats, bool]:
        if self._session is None:
            self._open()
        encoding = self._encode(word)
        vector = self._raw(encoding.ids) - self._centre
        unit: Floats = vector / max(float(np.linalg.norm(vector)), 1e-6)
        return unit, len(encoding.ids) == _PIECES_OF_A_WORD

    def _raw(self, ids: Sequence[int]) -> Floats:
        vector: Floats = self._session.run(None, {"ids": np.array([ids], np.int64)})[0][0]
        return vector

    def _encode(self, word: str) -> Any:
        return self._tokenizer.encode(f"the word {word}")

    def _open(self) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(self._folder / MODEL_FILE, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        centre = self._public.get(_CENTRE)
        if centre is None:
            centre = np.mean([self._raw(self._encode(word).ids) for word in _COMMON_WORDS], axis=0).astype(np.float32)
            self._public[_CENTRE] = centre
            self._is_changed = True
        self._centre = centre
