"""A recorder within the test's own process, so that what reaches redaction can be heard before it is redacted."""

import contextlib
import threading
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from witting.device.privacy import Redactor
from witting.device.recorder.loop import Loop
from witting.device.recorder.session import _header, check_consent, open_keys
from witting.device.recorder.sources import Sources
from witting.device.recorder.writer import Writer
from witting.device.spool import Spool
from witting.terms.clock import SystemClock
from witting.testing.lender import Lender


class Judged(NamedTuple):
    """What became of a key that makes a character."""

    at_ns: int  # the server's time
    text: str
    verdict: str  # plain, secure, unknown, or why nothing of what was in front is lent


class _Ear(Redactor):
    """Redacts, and remembers what it was given to redact."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.heard: list[str] = []

    def typed(self, text, timestamp_ns, end_ns, **kwargs):
        """Remember a run of typing."""
        self.heard.append(text)
        return super().typed(text, timestamp_ns, end_ns=end_ns, **kwargs)


class Overheard(contextlib.AbstractContextManager["Overheard"]):
    """Records on a desktop in a thread, for as long as the block lasts."""

    def __init__(self, lender: Lender, env: dict[str, str], monkeypatch) -> None:
        for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "XDG_RUNTIME_DIR"):
            monkeypatch.setenv(name, env[name])
        clock = SystemClock()
        config = lender.config(env["DISPLAY"])
        self._lending = lending = check_consent(config, clock=clock)
        self._sources = Sources(config.display, config.browser_path, clock=clock)
        session = Spool(Path(config.data_dir), open_keys(config), clock=clock).open_session(_header(lending, self._sources, clock=clock))
        self.ear = _Ear(lending.programme.posture)
        self.loop = Loop(config, lending, writer=Writer(self.ear, session, clock=clock), sources=self._sources, clock=clock)
        self.verdicts: list[Judged] = []  # of each key that makes a character, in order
        self._follow_keys()
        self._thread = threading.Thread(target=self.loop.run)

    @property
    def text(self) -> str:
        """All that was given on as typed, run after run."""
        return "\n".join(self.ear.heard)

    @property
    def app(self) -> str:
        """The app in front, as the recorder has it, if it is lent."""
        front = self.loop._fronts.now
        return front.app if self._lending.lends_anything(front.app, front.site) else ""

    def _follow_keys(self) -> None:
        pipeline = self.loop._pipeline
        judge, press = pipeline._key, pipeline._typist.press

        def judged(item, *, is_elsewhere):
            if item.pressed and item.text:
                refusal = pipeline.refusal("keys", pipeline._fronts.at(item.timestamp_ns))
                self.verdicts.append(Judged(item.timestamp_ns, item.text, refusal or "no verdict"))
            judge(item, is_elsewhere=is_elsewhere)

        def pressed(key, verdict, *, field):
            if key.text:
                self.verdicts[-1] = Judged(key.timestamp_ns, key.text, verdict)
            return press(key, verdict, field=field)

        pipeline._key, pipeline._typist.press = judged, pressed

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.loop._end("stopped")
        self.loop.wake()
        self._thread.join(20)
        self._sources.close()
        for end in (self.loop._wake_r, self.loop._wake_w):
            end.close()
