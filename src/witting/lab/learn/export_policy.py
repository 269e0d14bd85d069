"""The trained network as files: ONNX to act with, safetensors to prove with.

Knows the network's inputs by name. Invariant: the digest is over the tensors in the order of their names, not over a file.
"""

import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from witting.lab.learn.fit import AXES, pad
from witting.lab.learn.model import ElementScorer
from witting.policy.decode import INPUTS, OUTPUTS, Arrays, PolicyConfig, save_config
from witting.policy.features import ELEMENT_WIDTH, MOST_HINTS, PAIR_WIDTH, SPAN_WIDTH, TOKEN_WIDTH
from witting.policy.onnx_policy import POLICY_FILE, WEIGHTS_FILE

_OPSET = 18


def weights_sha256(network: ElementScorer) -> str:
    """Return the digest of a network's tensors."""
    return tensors_sha256(network.state_dict())


def tensors_sha256(tensors: Mapping[str, torch.Tensor]) -> str:
    """Return the sha256 over each tensor's name, shape, type and bytes, in order of name."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def export_policy(network: ElementScorer, config: PolicyConfig, *, folder: Path) -> None:
    """Write network, weights and config into `folder`."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in network.state_dict().items()}, folder / WEIGHTS_FILE)
    save_config(config, folder)
    _export(network, folder / POLICY_FILE)


def _export(network: ElementScorer, path: Path) -> None:
    """Write the graph by tracing, which takes 0.4 s; the newer exporter takes 7 s for the same graph."""
    batch, _ = pad([_sample(tokens=7, candidates=5, spans=6)])
    axes = {name: {place + 1: axis for place, axis in enumerate(AXES[name])} for name in INPUTS}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own age
        torch.onnx.export(
            network.eval(),
            (batch,),
            str(path),
            dynamo=False,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=_OPSET,
        )


def _sample(*, tokens: int, candidates: int, spans: int) -> Arrays:
    """Return inputs of the right shapes; the exporter looks at nothing else."""
    return {
        "token_ids": np.zeros(tokens, np.int64),
        "hint_ids": np.zeros((candidates, MOST_HINTS), np.int64),
        "tokens": np.zeros((tokens, TOKEN_WIDTH), np.float32),
        "elements": np.zeros((candidates, ELEMENT_WIDTH), np.float32),
        "pairs": np.zeros((candidates, tokens, PAIR_WIDTH), np.float32),
        "spans": np.zeros((spans, SPAN_WIDTH), np.float32),
        "span_edges": np.tile(np.array([[0, 1]], np.int64), (spans, 1)),
        "span_labels": np.zeros((candidates, spans), np.float32),
    }
