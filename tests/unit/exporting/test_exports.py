"""Exports hold the same actions, times and pictures, read back by the peer's own loader where it can be had, else by its published form."""

import ast
import io
import json
import sys
import warnings
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from witting.actions import reduce
from witting.lab.dataset import LentDataset, open_dataset, open_lent
from witting.lab.dataset.manifest import read_manifest, write_manifest
from witting.lab.exporting import FORMATS, export, lerobot
from witting.lab.exporting.deeds import KEYSYMS
from witting.lab.exporting.pages import Shot
from witting.lab.exporting.receipts import read_receipts
from witting.lab.importing import ImportedSession, Source, import_dataset, owa_mcap
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.events import Frame, PointerButton, PointerMove, TextInput, Tile, Topology
from witting.terms.geometry import Monitor, Rect
from witting.terms.session import Record
from witting.terms.work import Action, Episode, Step
from witting.testing.sample_session import sample_header, sample_records

SESSIONS = ("a" * 32, "b" * 32)
SOURCE = Source("sample", "made up for a test", "CC0")
TRICKY = "costs $5 \\n 'quoted' \"twice\" {brace} ü"


def told(session_id: str) -> list[Record]:
    """Return a session with a drag, a right click, a triple click, a long press and text that looks like code."""
    records = [
        TextInput(one.timestamp_ns, one.end_ns, TRICKY) if isinstance(one, TextInput) else one
        for one in sample_records(sample_header(session_id), frames=4)
    ]
    second = 1_000_000_000
    start = 8 * second + second // 2
    deeds = [(0, 1, 100, 100, 180, 140, 200), (300, 3, 640, 400, 640, 400, 80)]
    deeds += [(2950 + 100 * number, 1, 700, 300, 700, 300, 60) for number in range(3)]
    for at, button, x, y, to_x, to_y, held in deeds:
        press_ns = start + at * 1_000_000 - 3 * second
        records += [PointerButton(press_ns, x, y, button, pressed=True), PointerMove(press_ns + 1, to_x, to_y)]
        records.append(PointerButton(press_ns + held * 1_000_000, to_x, to_y, button, pressed=False))
    return records


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset of two sessions with pictures."""
    folder = tmp_path_factory.mktemp("export") / "v1"
    import_dataset(SOURCE, [ImportedSession(one, one, told(one)) for one in SESSIONS], out_dir=folder)
    return folder


def steps_of(dataset: Path) -> Iterator[tuple[Episode, Step]]:
    """Yield the steps that code can tell."""
    for episode in open_dataset(dataset).episodes():
        for step in episode.steps:
            if step.action.kind not in {"switch_app", "navigate", "switch_tab", "submit_form"}:
                yield episode, step


def picture(dataset: Path, episode: Episode, step: Step) -> NDArray[np.uint8]:
    """Return a step's picture."""
    found = open_dataset(dataset).picture(episode.episode_id, step.step_index)
    assert found is not None
    return found


def calls(code: str) -> list[tuple[str, dict[str, Any]]]:
    """Parse code as Python and return its calls."""
    found = []
    for line in ast.parse(code).body:
        assert isinstance(line, ast.Expr)
        call = line.value
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Attribute)
        arguments = {str(one.arg): ast.literal_eval(one.value) for one in call.keywords}
        found.append((call.func.attr, {**arguments, **({"amount": ast.literal_eval(call.args[0])} if call.args else {})}))
    return found


def deed(code: str, width: int = 1280, height: int = 800) -> tuple[Any, ...]:
    """Return what code does, in pixels: kind and its values."""
    found = calls(code)
    first, last = found[0], found[-1]
    place = (round(first[1]["x"] * width), round(first[1]["y"] * height)) if "x" in first[1] else ()
    if last[0] == "dragTo":
        return ("drag", *place, round(last[1]["x"] * width), round(last[1]["y"] * height))
    if last[0] == "scroll":
        return ("scroll", *place, -last[1]["amount"])
    if last[0] == "write":
        return ("type", last[1]["message"])
    if last[0] in {"press", "hotkey"}:
        return ("key", "+".join(KEYSYMS.get(key, key) for key in last[1]["keys"]))
    return (last[0], *place)


NAMES = {
    "click": "click", "double_click": "doubleClick", "triple_click": "tripleClick", "right_click": "rightClick", "stop": "terminate",
    "wait": "wait", "long_press": "mouseUp", "middle_click": "middleClick",
}  # fmt: skip


def expected(action: Action) -> tuple[Any, ...]:
    """Return what an action does in the same words."""
    if action.kind == "drag":
        return ("drag", action.x, action.y, action.to_x, action.to_y)
    if action.kind == "scroll":
        return ("scroll", action.x, action.y, action.dy)
    if action.kind in {"type", "key"}:
        return (action.kind, action.text or action.key)
    return (NAMES[action.kind], *(() if action.kind in {"stop", "wait"} else (action.x, action.y)))


def pixels(file: Path) -> NDArray[np.uint8]:
    """Return a picture's pixels."""
    return np.asarray(Image.open(file).convert("RGB"))


def test_opencua_holds_the_same_actions_times_and_pictures(dataset: Path, tmp_path: Path) -> None:
    """AgentNet's jsonl read back: each code does what the person did, at the same time, beside the same pixels."""
    export(open_lent(dataset, None), "opencua", out_dir=tmp_path / "out")
    lines = [json.loads(line) for line in (tmp_path / "out" / "agentnet.jsonl").read_text().splitlines()]
    told_steps = [one for line in lines for one in line["traj"]]
    made = list(steps_of(dataset))
    assert {"drag", "right_click", "triple_click", "type", "key", "scroll", "stop"} <= {step.action.kind for _, step in made}
    assert [deed(one["value"]["code"]) for one in told_steps] == [expected(step.action) for _, step in made]
    assert [one["timestamp_ns"] for one in told_steps] == [step.action.timestamp_ns for _, step in made]
    assert all(set(one) >= {"index", "image", "value"} for one in told_steps)
    for (episode, step), one in list(zip(made, told_steps, strict=True))[::4]:
        assert np.array_equal(pixels(tmp_path / "out" / one["image"]), picture(dataset, episode, step))


def test_agentnetbench_has_the_form_of_the_published_samples(dataset: Path, tmp_path: Path, public_data: Path) -> None:
    """Every key that the published samples have on a step and on its ground truth is there; actions and boxes are those of the target."""
    export(open_lent(dataset, None), "agentnetbench", out_dir=tmp_path / "out")
    files = sorted(path for path in (tmp_path / "out").glob("*.json") if path.name != "receipts.json")
    lines = [json.loads(file.read_text()) for file in files]
    told_steps = {line["task_id"]: line["steps"] for line in lines}
    for episode, step in steps_of(dataset):
        one = told_steps[episode.episode_id].pop(0)
        assert deed(one["action"]) == expected(step.action)
        truth = one["ground_truth_actions"][-1]
        boxes = truth["metadata"].get("bboxes", [])
        tree = step.observation.tree
        if boxes and tree is not None:
            box = tree.nodes[step.action.target].box
            assert boxes[0]["abs_bbox"] == [box.x, box.y, box.width, box.height]
            left, top, width, height = boxes[0]["rel_bbox"]
            assert (round(left * 1280), round(top * 800), round(width * 1280), round(height * 800)) == (box.x, box.y, box.width, box.height)
    assert not any(told_steps.values())
    samples = sorted((public_data / "opencua-sample" / "agentnetbench" / "sample_data").glob("*.json"))
    if not samples:
        pytest.skip("the published samples (opencua-sample) are absent from the public data")
    theirs = json.loads(samples[0].read_text())
    assert set(theirs) - {"meta_info"} <= set(lines[0])
    ours = json.loads(files[0].read_text())
    assert set(theirs["steps"][0]) - {"alternative_options"} <= set(ours["steps"][0])
    assert set(theirs["steps"][0]["ground_truth_actions"][0]) == set(ours["steps"][0]["ground_truth_actions"][0])


@pytest.mark.parametrize(("form", "name"), [("ms-swift", "train.jsonl"), ("llama-factory", "witting.jsonl")])
def test_chats_hold_the_same_actions_and_pictures(dataset: Path, tmp_path: Path, form: str, name: str) -> None:
    """A line a step: the task and what was done so far, as many pictures as there are marks for them, the action as the answer."""
    out = tmp_path / "out"
    export(open_lent(dataset, None), form, out_dir=out)
    lines = [json.loads(line) for line in (out / name).read_text().splitlines()]
    made = list(steps_of(dataset))
    assert [deed(line["messages"][-1]["content"]) for line in lines] == [expected(step.action) for _, step in made]
    for (episode, step), line in zip(made, lines, strict=True):
        assert [one["role"] for one in line["messages"]] == ["system", "user", "assistant"]
        assert line["messages"][1]["content"].count("<image>") == len(line["images"]) == 1
        assert episode.instruction in line["messages"][1]["content"]
        assert (out / line["images"][0]).is_file()
        assert step.action.text not in line["messages"][1]["content"] or not step.action.text
    if form == "llama-factory":
        info = json.loads((out / "dataset_info.json").read_text())["witting"]
        assert (out / info["file_name"]).is_file()


def test_hugging_face_reads_the_same_rows(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`datasets` itself reads the parquet: the same actions field by field, times, trees, and pictures as its Image feature."""
    datasets = pytest.importorskip("datasets", reason="`datasets` isn't installed: pip install 'witting[peers]'")
    out = tmp_path / "out"
    export(open_lent(dataset, None), "hugging-face", out_dir=out)
    files = sorted(str(file) for file in (out / "data").glob("*.parquet"))
    loaded = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path / "cache"))
    assert type(loaded.features["image"]).__name__ == "Image"
    rows = sorted(loaded, key=lambda row: (row["episode_id"], row["step_index"]))
    made = [(episode, step) for episode in open_dataset(dataset).episodes() for step in episode.steps]
    assert len(rows) == len(made)
    for row, (episode, step) in zip(rows, made, strict=True):
        assert msgspec.json.decode(row["action"], type=Action) == step.action
        assert (row["episode_id"], row["timestamp_ns"], row["instruction"]) == (
            episode.episode_id,
            step.action.timestamp_ns,
            episode.instruction,
        )
    shown = next(number for number, (_, step) in enumerate(made) if step.observation.frame_ns >= 0)
    assert np.array_equal(np.asarray(rows[shown]["image"].convert("RGB")), picture(dataset, *made[shown]))


def test_owa_mcap_is_read_by_its_own_reader_to_the_same_actions(dataset: Path, tmp_path: Path) -> None:
    """Open World Agents' own reader takes the files; reduced again they give the same deeds at the same times, beside the same pictures."""
    highlevel = pytest.importorskip("mcap_owa.highlevel", reason="`mcap-owa-support` isn't installed: pip install 'witting[peers]'")
    out = tmp_path / "out"
    receipts = export(open_lent(dataset, None), "owa-mcap", out_dir=out)
    made = [(episode, step) for episode, step in steps_of(dataset) if step.action.kind not in {"wait", "stop"}]
    assert receipts.left_out["type"] == sum(
        step.action.kind == "type" for _, step in made
    )  # no ü on that keyboard: left out, said, not bent
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reader warns of message types whose package isn't installed
        for file in sorted(out.glob("*.mcap")):
            with highlevel.OWAMcapReader(file, decode_args={"return_dict": True}) as reader:
                screens = [message for message in reader.iter_messages() if message.topic == "screen"]
            assert screens
            episode = next(one for one in open_dataset(dataset).episodes() if one.episode_id == file.stem)
            assert {message.timestamp for message in screens} == {
                step.observation.frame_ns for step in episode.steps if step.observation.frame_ns >= 0
            }
            assert (out / screens[0].decoded["media_ref"]["uri"]).is_file()
    again = [
        (action.timestamp_ns, expected(action))
        for session in owa_mcap.read(out)
        if isinstance(session, ImportedSession)
        for action in reduce(session.records)
    ]
    assert again == [(step.action.timestamp_ns, expected(step.action)) for _, step in made if step.action.kind != "type"]


@pytest.mark.parametrize("text", ["Hello, World!", "a1 B2 (c3) {d} \"e\" ~f|g\\\\ 100% $5 'x'", ""])
def test_keys_of_a_text_type_it(tmp_path: Path, text: str) -> None:
    """The keys that an OWAMcap export writes for a text give that text when they are read."""
    topics = owa_mcap._Topics()
    for number, (code, kind) in enumerate(owa_mcap.keys_of_text(text)):
        topics.take("keyboard", {"event_type": kind, "vk": code}, at_ns=number)
    assert [one.text for one in topics.finish() if isinstance(one, TextInput)] == ([text] if text else [])


@pytest.mark.parametrize("form", FORMATS)
def test_every_export_carries_its_receipts(dataset: Path, tmp_path: Path, form: str) -> None:
    """Beside the data stands what it rests on; a file that was changed afterwards is noticed; what can't be told is counted."""
    out = tmp_path / "out"
    told_receipts = export(open_lent(dataset, None), form, out_dir=out)
    assert read_receipts(out) == told_receipts
    assert {session.session_id for session in told_receipts.sessions} == set(SESSIONS)
    assert told_receipts.dataset_root == read_manifest(dataset).root
    assert (told_receipts.source, told_receipts.licence) == ("made up for a test", "CC0")
    assert set(told_receipts.left_out) <= {"switch_app", "navigate", "type" if form == "owa-mcap" else "navigate"}
    victim = out / next(iter(told_receipts.files))
    victim.write_bytes(victim.read_bytes() + b" ")
    with pytest.raises(IntegrityError):
        read_receipts(out)


def test_recordings_without_receipts_are_not_exported(dataset: Path, tmp_path: Path) -> None:
    """A dataset that is no import and names no receipts rests on nothing: refused, nothing written."""
    import shutil

    shutil.copytree(dataset, tmp_path / "bare")
    write_manifest(tmp_path / "bare", msgspec.structs.replace(read_manifest(dataset), source=""))
    with pytest.raises(NoConsentError, match="no hub is named"):
        open_lent(tmp_path / "bare", None)
    with pytest.raises(NoConsentError, match="name no receipt"):
        export(LentDataset(open_dataset(tmp_path / "bare"), None), "opencua", out_dir=tmp_path / "out")
    with pytest.raises(UsageError, match="no export"):
        export(open_lent(dataset, None), "nothing-known", out_dir=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_points_are_shares_of_the_picture_that_they_stand_beside(tmp_path: Path) -> None:
    """When the monitors change in the middle, points are told on the screen in force; one outside stays outside."""
    header = sample_header("c" * 32)
    second = 1_000_000_000
    records: list[Record] = [
        header,
        *[one for one in sample_records(header, frames=1) if type(one).__name__ == "TaskMark"][:1],
        Topology(second, (Monitor("a", Rect(0, 0, 1000, 500)),)),
        *[PointerButton(2 * second + up, 500, 100, 1, pressed=not up) for up in (0, 1)],
        Topology(3 * second, (Monitor("a", Rect(0, 0, 2000, 1000)),)),
        *[PointerButton(4 * second + up, 500, 1200, 1, pressed=not up) for up in (0, 1)],
    ]
    import_dataset(SOURCE, [ImportedSession(header.session_id, "p", records)], out_dir=tmp_path / "v1")
    export(open_lent(tmp_path / "v1", None), "opencua", out_dir=tmp_path / "out")
    (line,) = [json.loads(line) for line in (tmp_path / "out" / "agentnet.jsonl").read_text().splitlines()]
    assert [calls(one["value"]["code"])[0][1] for one in line["traj"]] == [{"x": 0.5, "y": 0.2}, {"x": 0.25, "y": 1.2}]


def test_text_is_never_a_command(dataset: Path, tmp_path: Path) -> None:
    """A dollar sign, quotes, braces and a backslash in typed text come back character for character."""
    export(open_lent(dataset, None), "opencua", out_dir=tmp_path / "out")
    typed = [
        arguments["message"]
        for line in (tmp_path / "out" / "agentnet.jsonl").read_text().splitlines()
        for one in json.loads(line)["traj"]
        for name, arguments in calls(one["value"]["code"])
        if name == "write"
    ]
    assert set(typed) == {TRICKY}


def torchvision_stub() -> dict[str, ModuleType]:
    """Return what LeRobot's reader asks of torchvision when pictures are no videos: one transform, done as torchvision does it."""
    import torch

    def to_tensor() -> Any:
        return lambda image: torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1).float() / 255

    names = ("torchvision", "torchvision.transforms", "torchvision.transforms.v2")
    found = {name: ModuleType(name) for name in names}
    for name, module in found.items():
        module.__spec__ = ModuleSpec(name, None)
    transforms = found["torchvision.transforms"]
    transforms.ToTensor = to_tensor  # type: ignore[attr-defined]
    found["torchvision"].transforms = transforms  # type: ignore[attr-defined]
    return found


def test_lerobot_reads_the_same_steps(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LeRobot's own dataset class opens the export: same actions, times, trees, tasks, episodes, and pictures pixel for pixel."""
    for name, module in torchvision_stub().items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reader's own imports
        theirs = pytest.importorskip("ledataset.datasets.lerobot_dataset", reason="`lerobot-dataset` isn't installed: make setup")
        out = tmp_path / "out"
        assert export(open_lent(dataset, None), "lerobot", out_dir=out).left_out == {}
        read = theirs.LeRobotDataset("witting/sample", root=out)
        made = [(episode, step) for episode in open_dataset(dataset).episodes() for step in episode.steps]
        assert (read.num_frames, read.num_episodes, read.fps) == (len(made), len({one.episode_id for one, _ in made}), 1)
        for number, (episode, step) in enumerate(made):
            row, action = read[number], step.action
            assert row["action"].tolist() == lerobot.vector_of(action)
            assert msgspec.json.decode(row["action.whole"], type=Action) == action
            assert (row["action.text"], row["action.key"], row["task"]) == (action.text, action.key, episode.instruction)
            assert (row["timestamp_ns"].item(), row["end_ns"].item()) == (action.timestamp_ns, action.end_ns)
            assert row["frame_index"].item() == row["timestamp"].item() == step.step_index
            has_picture = step.observation.frame_ns >= 0
            assert bool(row["observation.area"][2] > 0) is has_picture
            if has_picture and number % 5 == 0:
                shown = (row["observation.image"] * 255).round().to(dtype=__import__("torch").uint8).permute(1, 2, 0).numpy()
                assert np.array_equal(shown, picture(dataset, episode, step))
        last = read.meta.episodes[read.num_episodes - 1]
        assert last["dataset_to_index"] == len(made)


def test_minari_reads_the_same_episodes(dataset: Path, tmp_path: Path) -> None:
    """Minari's own class opens the export: one observation more than actions, the same actions and times, lossless pictures."""
    minari = pytest.importorskip("minari", reason="`minari` isn't installed: pip install 'witting[peers]'")
    out = tmp_path / "out"
    assert export(open_lent(dataset, None), "minari", out_dir=out).left_out == {}
    read = minari.MinariDataset(out / "data")
    made = list(open_dataset(dataset).episodes())
    assert (read.total_episodes, read.total_steps) == (len(made), sum(len(one.steps) for one in made))
    assert set(read.observation_space.spaces) == {"image", "area", "tree"}
    metadata = list(read.storage.get_episode_metadata(range(len(made))))
    for episode, theirs, about in zip(made, read.iterate_episodes(), metadata, strict=True):
        assert (about["episode_id"], about["instruction"]) == (episode.episode_id, episode.instruction)
        assert len(theirs.observations["image"]) == len(episode.steps) + 1 == len(theirs.observations["tree"])
        assert [msgspec.json.decode(one, type=Action) for one in theirs.actions["whole"]] == [step.action for step in episode.steps]
        assert theirs.actions["numbers"].tolist() == [lerobot.vector_of(step.action) for step in episode.steps]
        assert theirs.infos["timestamp_ns"].tolist() == [step.action.timestamp_ns for step in episode.steps]
        assert (theirs.terminations.tolist()[-1], theirs.rewards[-1]) == (True, float(episode.outcome == "done"))
        assert read.action_space["numbers"].contains(theirs.actions["numbers"][0])
        for number, step in enumerate(episode.steps):
            tree = step.observation.tree
            assert theirs.observations["tree"][number] == ("" if tree is None else msgspec.json.encode(tree).decode())
            if step.observation.frame_ns >= 0:
                assert np.array_equal(theirs.observations["image"][number], picture(dataset, episode, step))


@pytest.mark.parametrize("form", ["lerobot", "minari"])
def test_pictures_of_several_sizes_stand_whole_in_one_frame(tmp_path: Path, form: str) -> None:
    """Without any picture, or with some missing, an export still opens; a smaller picture is at the upper left and nothing of it is cut."""
    header = sample_header("d" * 32)
    unseen = [one for one in sample_records(header, frames=4) if not isinstance(one, Frame | Tile)]
    import_dataset(SOURCE, [ImportedSession("d" * 32, "p", unseen)], out_dir=tmp_path / "v1")
    export(open_lent(tmp_path / "v1", None), form, out_dir=tmp_path / "out")
    if form == "lerobot":
        info = json.loads((tmp_path / "out" / "meta" / "info.json").read_text())
        assert "observation.image" not in info["features"]
        assert info["total_frames"] > 0
    big, small = np.full((40, 60, 3), 7, np.uint8), np.full((20, 30, 3), 9, np.uint8)
    episode = next(open_dataset(tmp_path / "v1").episodes())
    frames = [Shot(episode, episode.steps[0], pixels, Rect(0, 0, 1, 1)) for pixels in (big, small, None)]
    framed = [np.asarray(Image.open(io.BytesIO(lerobot._framed(one, lerobot._Size(40, 60))))) for one in frames]
    assert np.array_equal(framed[0], big)
    assert np.array_equal(framed[1][:20, :30], small)
    assert (framed[1][20:].sum(), framed[1][:, 30:].sum(), framed[2].sum()) == (0, 0, 0)
