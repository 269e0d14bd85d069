"""What a recorder says of itself while it runs and when its books are closed: states and counts, never content.

Reads what the parts counted. Invariant: what was produced is what was kept, what holes tell of, what became part of something coarser
and what is still on its way.
"""

from dataclasses import dataclass
from typing import Literal

from witting.device.capture.browser import BrowserSource
from witting.device.control import RecorderStatus
from witting.device.recorder.pictures import Pictures
from witting.device.recorder.pipeline import Pipeline
from witting.device.recorder.voice_notes import VoiceNotes
from witting.device.recorder.warden import Warden
from witting.device.recorder.writer import Writer


@dataclass(frozen=True, slots=True)
class Teller:
    """The parts that count."""

    pipeline: Pipeline
    writer: Writer
    pictures: Pictures
    warden: Warden
    voice: VoiceNotes
    browser: BrowserSource
    began_ns: int  # CLOCK_MONOTONIC

    def status(self, *, is_ending: bool) -> RecorderStatus:
        """Return what the recorder does now."""
        state: Literal["recording", "paused", "stopping"] = "paused" if self.warden.is_holding else "recording"
        return RecorderStatus(
            state="stopping" if is_ending else state,
            session_id=self.writer.session_id,
            app=self.warden.app,
            is_browser_connected=self.browser.is_connected,
            is_listening=self.voice.is_listening,
            started_ns=self.began_ns,
            produced=dict(self.pipeline.tally.produced),
            kept=dict(self.writer.kept),
            gapped=self.gapped,
            gaps=dict(self.pipeline.tally.reasons),
            unverified_frames=self.pictures.unverified,
            unread_places=self.writer.unread,
            garbage=self.browser.garbage,
            why=self.warden.leading or "",
            because=self.warden.because or self.voice.trouble,
            holds=self.warden.holds,
            is_thinned=self.warden.guards.processor.is_thinned,
            forgotten=dict(self.writer.forgotten),
        )

    @property
    def produced(self) -> dict[str, int]:
        """What came to be, by stream."""
        return dict(self.pipeline.tally.produced - self.writer.not_events)

    @property
    def gapped(self) -> dict[str, int]:
        """What wasn't kept, by stream."""
        return dict(self.pipeline.tally.gapped + self.writer.failed + self.writer.forgotten)
