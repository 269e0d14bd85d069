"""What a desk is told: where the participant's data lies, and how the hub and the recorder are reached."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from witting.device.send import HubClient
from witting.terms.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """Settings of one desk; only `data_dir` has to be given."""

    data_dir: Path  # the participant's data directory
    port: int = 0  # on 127.0.0.1; 0 = a free one
    control_path: Path | None = None  # the recorder's control socket; None = <data_dir>/run/control.sock
    open_hub: Callable[[str], HubClient] = HubClient  # reaches the hub at an address
    clock: Clock = field(default_factory=SystemClock)  # where time comes from

    @property
    def control_socket(self) -> Path:
        """Where the recorder listens."""
        return self.control_path or self.data_dir / "run" / "control.sock"
