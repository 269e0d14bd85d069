"""Export for OpenCUA: AgentNet's jsonl, a trajectory a line, with PNG pictures beside it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from witting.lab.dataset import Dataset
from witting.lab.exporting.deeds import calls_of, code_of
from witting.lab.exporting.pages import shots, write_picture


def write(dataset: Dataset, folder: Path) -> Counter[str]:
    """Write the trajectories and return how many steps of which kind the format can't tell."""
    left_out: Counter[str] = Counter()
    with (folder / "agentnet.jsonl").open("w", encoding="utf-8") as file:
        for episode in dataset.episodes():
            steps: list[dict[str, Any]] = []
            for shot in shots(dataset, episode):
                calls = calls_of(shot)
                if not calls:
                    left_out[shot.step.action.kind] += 1
                    continue
                image = write_picture(folder, shot)
                told = {"index": len(steps), "image": image, "value": {"code": code_of(calls)}}
                steps.append({**told, "timestamp_ns": shot.step.action.timestamp_ns})
            line = {
                "task_id": episode.episode_id,
                "instruction": episode.instruction,
                "task_completed": episode.outcome == "done",
                "traj": steps,
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return left_out
