"""What recordings are turned into: actions, steps, episodes; what a policy decides; what an evaluation saw."""

from typing import Literal

import msgspec

from witting.terms.geometry import Rect
from witting.terms.tree import UiTree

ActionKind = Literal[
    "click", "double_click", "triple_click", "right_click", "middle_click", "long_press", "drag", "scroll", "hover", "type", "key",
    "navigate", "switch_tab", "submit_form", "switch_app", "wait", "stop",
]  # fmt: skip
POINTED: frozenset[ActionKind] = frozenset(
    {"click", "double_click", "triple_click", "right_click", "middle_click", "long_press", "drag", "scroll", "hover"}
)  # what is done at a place

SegmentKind = Literal["task", "idle", "goal"]
QualityFlag = Literal["success_unknown", "gave_up", "noisy", "partial", "redaction_holes", "untargeted", "repeated"]


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What a person (or agent) did: derived from events, which it names by their place in the session."""

    kind: ActionKind
    timestamp_ns: int
    end_ns: int
    x: int = 0
    y: int = 0
    to_x: int = 0  # where a drag ended
    to_y: int = 0
    dx: int = 0  # scroll detents
    dy: int = 0
    text: str = ""  # typed text, redacted
    key: str = ""  # chord or editing key
    app: str = ""
    url: str = ""
    target: int = -1  # ref of the node in the observation's tree; -1 when there is none
    alternatives: tuple[int, ...] = ()  # refs of what else lies under the point and could have been meant, likeliest first
    value: str = ""  # what the field held when the typing was over, where a tree shows it
    children: tuple[int, ...] = ()  # record indexes of the events it is made of


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """What was to be seen before an action: the last tree and frame that ended before it began."""

    tree: UiTree | None
    frame_ns: int = -1  # timestamp of the frame in the session, -1 when there is none
    screen: Rect = Rect(0, 0, 0, 0)  # the monitors in force then, taken together; empty = not known


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One observation and the action taken on it."""

    step_index: int
    observation: Observation
    action: Action


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at a task: instruction, steps, outcome as the participant said it."""

    episode_id: str  # session id + "-" + number
    session_id: str
    participant: str
    instruction: str
    outcome: Literal["done", "gave_up", "unknown"]
    started_ns: int
    ended_ns: int
    steps: tuple[Step, ...]
    has_holes: bool = False  # a Gap other than a pause lies inside
    segment: SegmentKind = "task"  # what it was cut by: the participant's word, a pause, or the app or page worked in
    flags: tuple[QualityFlag, ...] = ()  # what to mind when learning from it
    source: str = ""  # where it was imported from; empty = a consented recording of one's own programme
    licence: str = ""  # of the source, as it states it
    score: float | None = None  # what the source's own checker gave, where it has one; 1.0 is wholly right


class DatasetSession(msgspec.Struct, frozen=True, kw_only=True):
    """One session's row in a manifest."""

    session_id: str
    participant: str
    receipt_id: str
    parcel_id: str
    episodes: int
    steps: int
    digest: str  # RFC 6962 root (hex) over the digests of the session's rows in order
    events: int = 0  # recorded events that the steps were derived from
    split: str = ""  # train, validation or test, by participant
    flags: dict[str, int] = {}  # how many of its episodes carry each quality flag


class DatasetManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a dataset version, named by digests; `root` is the RFC 6962 root over the sessions' digests in order of id."""

    dataset_id: str  # programme id + "@" + version
    programme_id: str
    version: int
    built_at: str
    purpose: str
    sessions: tuple[DatasetSession, ...]
    root: str
    events: int = 0
    replaces: str = ""  # dataset id of the version this one replaces
    source: str = ""  # who published what was imported; empty = consented recordings
    licence: str = ""  # of the source, as it states it
    left_out: tuple[str, ...] = ()  # files of the source that couldn't be read, each with the reason
    flags: dict[str, int] = {}  # how many episodes carry each quality flag


class Handout(msgspec.Struct, frozen=True, kw_only=True):
    """An export that somebody got: enough to tell them what has to leave it."""

    export_id: str  # 32 hex digits
    dataset_id: str
    purpose: str
    format: str
    recipient: str  # who got it
    sessions: tuple[str, ...]
    files_sha256: str  # over the digests of its files, in order of their paths
    exported_at: str


class PolicyAction(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy would do next on a tree."""

    kind: Literal["click", "type", "key", "stop"]
    target: int = -1  # node ref
    text: str = ""
    key: str = ""
    confidence: float = 0.0  # 0 to 1


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """What a policy learnt from: names every session, so that leaving reaches it."""

    model_id: str
    dataset_id: str
    dataset_root: str
    sessions: tuple[str, ...]
    episodes: int
    steps: int
    seed: int
    weights_sha256: str  # over the tensors in name order, not the file
    created_at: str
    cpu_seconds: float
    versions: dict[str, str]
    metrics: dict[str, float] = {}
    replaces: str = ""


class Rollout(msgspec.Struct, frozen=True, kw_only=True):
    """One live episode of an agent."""

    task: str
    agent: str
    seed: int
    reward: float  # raw reward of the environment
    is_success: bool  # reward == 1
    steps: int
    seconds: float
    error: str = ""


RecallKind = Literal["dataset", "model", "export"]


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that has to be made anew, or somebody to be told."""

    kind: RecallKind
    name: str  # id of the dataset version, model or export
    sessions: tuple[str, ...]  # what has to leave it
    opened_at: str  # RFC 3339 UTC
    due_at: str  # RFC 3339 UTC; of several the first
    citation: str  # of the law that sets it
    done_at: str = ""  # empty while it isn't done
