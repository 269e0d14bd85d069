"""A trained policy that acts: loads the exported network and answers one moment at a time.

Knows no environment and no torch. The folder it loads is all it needs besides the frozen sentence model.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from witting.policy.bundle import open_bundle
from witting.policy.decode import CONFIG_FILE, INPUTS, OUTPUTS, PolicyConfig, Vocabulary, decode, fill_empty, load_config
from witting.policy.encoder import MiniLmVectors
from witting.policy.features import featurise
from witting.policy.relations import WordVectors
from witting.terms.errors import IntegrityError
from witting.terms.tree import UiTree
from witting.terms.work import PolicyAction

POLICY_FILE = "policy.onnx"
CARD_FILE = "card.json"
WEIGHTS_FILE = "weights.safetensors"


class OnnxPolicy:
    """Decides the next action from an instruction, a UI tree and what was done so far."""

    def __init__(self, config: PolicyConfig, session: Any, *, words: WordVectors) -> None:
        self.config = config
        self.session = session
        self._words = words
        self.vocabulary = Vocabulary(config)

    @classmethod
    def load(cls, folder: str | Path, *, words: WordVectors | None = None, signer: bytes | None = None) -> Self:
        """Return the policy that `witting train` wrote into `folder`; `words` replaces the sentence model in tests.

        `signer` is the public key that must have signed it; without one anybody may have, but no file may have changed since.

        Raises:
            IntegrityError: the folder holds no policy of this version, or a file of it isn't the one that was signed.
            SignatureError: it wasn't signed, or not by `signer`.
            MissingExtraError: the sentence model isn't there.
        """
        import onnxruntime

        folder = Path(folder)
        config = load_config(folder)
        if not (folder / POLICY_FILE).is_file():
            message = f"{folder} has no {POLICY_FILE}"
            raise IntegrityError(message, hint="train the policy again with `witting train`")
        open_bundle(folder, needs=(CONFIG_FILE, POLICY_FILE), signer=signer)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(folder / POLICY_FILE, options, providers=["CPUExecutionProvider"])
        return cls(config, session, words=words or MiniLmVectors())

    def act(
        self, instruction: str, tree: UiTree, *, history: Sequence[PolicyAction] = (), vain: Sequence[PolicyAction] = ()
    ) -> PolicyAction:
        """Return what to do next; "stop" when nothing on the page can be acted on.

        `vain` is what was done on this very page already and changed nothing.
        """
        features = featurise(instruction, tree, history=history, words=self._words)
        if not features.refs:
            return PolicyAction(kind="stop", confidence=1.0)
        arrays = fill_empty(self.vocabulary.arrays(features))
        outputs = self.session.run(list(OUTPUTS), {name: arrays[name][None] for name in INPUTS})
        scores = {name: output[0] for name, output in zip(OUTPUTS, outputs, strict=True)}
        return decode(features, scores, keys=self.config.keys, vain=vain)
