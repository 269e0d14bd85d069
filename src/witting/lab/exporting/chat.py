"""Exports for fine-tuning open models that see: a line a step of messages and pictures, as ms-swift and LLaMA-Factory read them."""

import json
from collections import Counter
from pathlib import Path

from witting.lab.dataset import Dataset
from witting.lab.exporting.deeds import calls_of, code_of
from witting.lab.exporting.pages import shots, write_picture

HISTORY = 5
SYSTEM = (
    "You work on a computer. You are given a task, what was done so far and a picture of the screen. Answer with the Python code of the "
    "next action; x and y are shares of the picture's width and height."
)


def write_ms_swift(dataset: Dataset, folder: Path) -> Counter[str]:
    """Write one jsonl file for ms-swift and return how many steps of which kind it can't tell."""
    return _write(dataset, folder, name="train.jsonl")


def write_llama_factory(dataset: Dataset, folder: Path) -> Counter[str]:
    """Write one jsonl file and dataset_info.json for LLaMA-Factory and return how many steps of which kind it can't tell."""
    tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant", "system_tag": "system"}
    columns = {"messages": "messages", "images": "images"}
    info = {"witting": {"file_name": "witting.jsonl", "formatting": "sharegpt", "columns": columns, "tags": tags}}
    (folder / "dataset_info.json").write_text(json.dumps(info, indent=1), encoding="utf-8")
    return _write(dataset, folder, name="witting.jsonl")


def _write(dataset: Dataset, folder: Path, *, name: str) -> Counter[str]:
    left_out: Counter[str] = Counter()
    with (folder / name).open("w", encoding="utf-8") as file:
        for episode in dataset.episodes():
            done: list[str] = []
            for shot in shots(dataset, episode):
                calls = calls_of(shot)
                if not calls:
                    left_out[shot.step.action.kind] += 1
                    continue
                image = write_picture(folder, shot)
                so_far = "\n".join(done[-HISTORY:]) or "nothing"
                asked = f"{'<image>' if image else ''}Task: {episode.instruction}\nDone so far:\n{so_far}"
                answer = code_of(calls)
                roles = (("system", SYSTEM), ("user", asked), ("assistant", answer))
                messages = [{"role": role, "content": content} for role, content in roles]
                file.write(json.dumps({"messages": messages, "images": [image] if image else []}, ensure_ascii=False) + "\n")
                done.append(answer)
    return left_out
