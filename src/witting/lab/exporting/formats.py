"""The formats that can be exported to, each by the function that writes it; a module is loaded when its format is asked for."""

from importlib import import_module
from pathlib import Path

from witting.lab.dataset import LentDataset
from witting.lab.dataset.build import new_folder
from witting.lab.exporting.receipts import ExportReceipts, check_receipts, write_receipts
from witting.terms.errors import UsageError

FORMATS: dict[str, tuple[str, str, str]] = {
    "opencua": ("opencua", "write", "OpenCUA's AgentNet jsonl with PNG pictures"),
    "agentnetbench": ("agentnetbench", "write", "AgentNetBench's JSON, a file an episode"),
    "ms-swift": ("chat", "write_ms_swift", "messages and pictures for fine-tuning with ms-swift"),
    "llama-factory": ("chat", "write_llama_factory", "the same for LLaMA-Factory, with its dataset_info.json"),
    "owa-mcap": ("owa_mcap", "write", "OWAMcap files, one an episode"),
    "lerobot": ("lerobot", "write", "LeRobot's dataset format, version 3"),
    "minari": ("minari", "write", "Minari's HDF5, episodes for reinforcement learning"),
    "hugging-face": ("hugging_face", "write", "parquet for Hugging Face datasets, a file a split"),
}


def check_form(form: str) -> None:
    """Check that a format is known.

    Raises:
        UsageError: there is no such format.
    """
    if form not in FORMATS:
        message = f"there is no export for {form!r}"
        raise UsageError(message, hint=f"one of: {', '.join(FORMATS)}")


def export(lent: LentDataset, form: str, *, out_dir: Path) -> ExportReceipts:
    """Write a dataset that is lent as another format in the new folder `out_dir`, receipts beside it, and return those.

    Raises:
        UsageError: there is no such format, `out_dir` exists, or there is no dataset.
        NoConsentError: a session of consented recordings names no receipt, or isn't lent any more when all is written; nothing stays.
    """
    check_form(form)
    dataset = lent.dataset
    check_receipts(dataset.manifest)
    room, name, _ = FORMATS[form]
    write = getattr(import_module(f"witting.lab.exporting.{room}"), name)
    with new_folder(out_dir) as folder:
        told = write_receipts(folder, dataset.manifest, form=form, left_out=write(dataset, folder))
        lent.check()
    return told
