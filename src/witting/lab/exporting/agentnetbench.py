"""Export for AgentNetBench, OpenCUA's offline evaluation: a JSON file an episode, ground truth with the target's box."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from witting.lab.dataset import Dataset
from witting.lab.exporting.deeds import Call, calls_of, code_of
from witting.lab.exporting.pages import Shot, shots, write_picture


def write(dataset: Dataset, folder: Path) -> Counter[str]:
    """Write the trajectories and return how many steps of which kind the format can't tell."""
    left_out: Counter[str] = Counter()
    for episode in dataset.episodes():
        steps: list[dict[str, Any]] = []
        for shot in shots(dataset, episode):
            calls = calls_of(shot)
            if not calls:
                left_out[shot.step.action.kind] += 1
                continue
            truth = [_truth(shot, call) for call in calls if not (call.name == "moveTo" and len(calls) > 1)]
            told = {"step_num": len(steps), "image": Path(write_picture(folder, shot)).name, "action": code_of(calls)}
            steps.append({**told, "milestone": False, "inner_monologue": {}, "ground_truth_actions": truth})
        said = episode.instruction
        line = {"task_id": episode.episode_id, "user_task_description": said, "high_level_task_description": said, "steps": steps}
        (folder / f"{episode.episode_id}.json").write_text(json.dumps(line, ensure_ascii=False, indent=1), encoding="utf-8")
    return left_out


def _truth(shot: Shot, call: Call) -> dict[str, Any]:
    arguments = dict(call.arguments)
    params: dict[str, Any] = {"position": {"x": arguments.pop("x"), "y": arguments.pop("y")}} if "x" in arguments else {}
    if call.name in {"scroll", "hscroll"}:
        across, down = shot.share(shot.step.action.x, shot.step.action.y)
        params["position"] = {"x": round(across, 4), "y": round(down, 4)}
    if "message" in arguments:
        arguments["text"] = arguments.pop("message")
    boxes = _boxes(shot) if "position" in params and call.name not in {"scroll", "hscroll", "dragTo"} else []
    return {"type": call.name, "params": {**params, **arguments}, "metadata": {"bboxes": boxes} if "position" in params else {}}


def _boxes(shot: Shot) -> list[dict[str, Any]]:
    """Return the target's box as the format has it: left, top, width, height in shares and in pixels of the picture."""
    tree, target = shot.step.observation.tree, shot.step.action.target
    if tree is None or target < 0 or tree.nodes[target].box.is_empty:
        return []
    box = tree.nodes[target].box
    left, top = shot.share(box.x, box.y)
    share = [left, top, box.width / shot.area.width, box.height / shot.area.height]
    pixels = [box.x - shot.area.x, box.y - shot.area.y, box.width, box.height]
    return [{"category_id": 1, "rel_bbox": share, "abs_bbox": pixels, "area": box.width * box.height}]
