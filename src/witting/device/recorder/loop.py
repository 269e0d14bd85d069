"""The recorder's loop: waits for the sources, control and time, and does what each asks for.

Doesn't know what items mean (the observer does). Invariant: pausing takes effect before anything else is read; whatever ends the session,
what was kept is handed to the spool before the sign goes.
"""

import contextlib
import selectors
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from witting.device.capture.page_messages import PageControl, PageFocus
from witting.device.control import Command, ControlServer, RecorderStatus
from witting.device.guards.bus import Bus
from witting.device.recorder.boundary import contained
from witting.device.recorder.browsers import Browsers
from witting.device.recorder.config import RecorderConfig, picture_interval_ns
from witting.device.recorder.file_watch import FileWatch
from witting.device.recorder.focus import FocusHistory
from witting.device.recorder.fronts import Fronts
from witting.device.recorder.lending import Lending
from witting.device.recorder.observer import Observer
from witting.device.recorder.pictures import Outlets, Pictures
from witting.device.recorder.pipeline import Pipeline
from witting.device.recorder.sources import Sources, Wanted
from witting.device.recorder.telling import Teller
from witting.device.recorder.voice_notes import VoiceNotes, VoiceOutlets, engine_command
from witting.device.recorder.warden import Acts, Warden
from witting.device.recorder.watch import EVERY_NS, UNTOLD_NS, ConsentWatch
from witting.device.recorder.writer import Writer
from witting.terms.clock import Clock
from witting.terms.errors import NoConsentError, UsageError, WittingError
from witting.terms.events import GapReason
from witting.terms.raw import RawFocus, RawTask, RawVoice

_RELEASE_EVERY_NS = 100_000_000
_THINNED = 5  # times as long between pictures, over the processor's budget
_SECOND_NS = 1_000_000_000
_LAST_NOTE_S = 8.0  # so long the end waits for a note that was spoken just before


class Loop:
    """One session from open sources to closed books."""

    def __init__(self, config: RecorderConfig, lending: Lending, *, writer: Writer, sources: Sources, clock: Clock) -> None:
        self._config, self._lending, self._writer, self._sources, self._clock = config, lending, writer, sources, clock
        self._fronts = Fronts(lending.is_browser)
        focus = FocusHistory()
        self._observer = Observer(sources, lending, fronts=self._fronts, focus=focus, clock=clock)
        self._pipeline = Pipeline(lending, self._fronts, focus=focus, sink=writer)
        outlets = Outlets(
            keep=lambda picture: self._pipeline.hold(picture, clock.monotonic_ns()),
            drop=lambda reason, at_ns: self._pipeline.drop("screen", reason, timestamp_ns=at_ns),
            refusal=lambda front: self._pipeline.refusal("screen", front),
            is_browser=lending.is_browser,
            in_flight=lambda: self._pictures_given() - writer.pictures_done,
        )
        interval_ns = picture_interval_ns(config, lending.programme)
        self._pictures = Pictures(sources, self._fronts, trees=self._observer.trees, outlets=outlets, interval_ns=interval_ns)
        self._observer.join(self._pipeline, self._pictures)
        self._watch = ConsentWatch(config)
        self._files = FileWatch(self._watch.folders)
        self._control = ControlServer(config.control_path, self._obey)
        self._selector = selectors.DefaultSelector()
        self._wake_r, self._wake_w = socket.socketpair()
        self._wake_w.setblocking(False)
        self._watch_due_ns = 0
        self._released_ns = 0
        self._ended: WittingError | str | None = None
        self._browsers = Browsers(sources.browser, lending)
        self._is_open = False  # whether what is recorded is read
        acts = Acts(self._close_and_settle, self._open_again, writer.put, self._end, self._forget)
        writer.start(self.wake)
        self._warden = Warden(Path(config.data_dir), lending, sources=sources, acts=acts, clock=clock)
        voice = VoiceOutlets(self._keep_note, self._drop_note, self._warden.listen, self._warden.refuse_note)
        self._voice = VoiceNotes(self._selector, voice, clock=clock, microphone=config.microphone, engine=engine_command(config))
        self.books = Teller(self._pipeline, writer, self._pictures, self._warden, self._voice, sources.browser, clock.monotonic_ns())

    # ---- the life of a session ----

    def run(self) -> WittingError | None:
        """Record until told to stop; return what ended it, None when it was asked for."""
        for server, serve in ((self._control, self._control.serve), (self._sources.browser, self._on_pages), (self._wake_r, self._on_wake)):
            self._selector.register(server, selectors.EVENT_READ, serve)
        self._selector.register(self._sources.display, selectors.EVENT_READ, _nothing)
        if self._files.is_watching:
            self._selector.register(self._files, selectors.EVENT_READ, self._on_files)
        for bus in self._warden.guards.buses:
            self._selector.register(bus.fileno(), selectors.EVENT_READ, partial(self._on_bus, bus, bus.fileno()))
        error = contained(self._start) or contained(self._turn_until_ended)
        self._ended = error or self._ended
        self._wind_up()
        return self._ended if isinstance(self._ended, WittingError) else None

    def wake(self) -> None:
        """Have the loop look up; may be called from another thread or a signal."""
        with contextlib.suppress(BlockingIOError):  # full: it is awake
            self._wake_w.send(b"\0")

    def stop_on_signals(self) -> None:
        """End the session on SIGTERM and SIGINT as if asked."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._end("stopped"))
        signal.set_wakeup_fd(self._wake_w.fileno(), warn_on_full_buffer=False)

    def _start(self) -> None:
        if not self._warden.is_holding:
            self._open()
        if self._config.task:
            self._pipeline.hold(RawTask(self._clock.monotonic_ns(), "begin", self._config.task), self._clock.monotonic_ns())

    def _turn_until_ended(self) -> None:
        while self._ended is None:
            self._on_time()
            self._on_display()
            for key, _ in self._selector.select(self._patience_s()):
                key.data()

    def _wind_up(self) -> None:
        is_withdrawn = isinstance(self._ended, WittingError) and self._ended.exit_code in {10, 11}
        if is_withdrawn:
            self._lending.end()
        for step in (
            self._voice.end if not is_withdrawn else lambda: self._voice.stop("no_consent"),
            lambda: self._close("no_consent" if is_withdrawn else "paused"),
            lambda: self._voice.finish(0 if is_withdrawn else _LAST_NOTE_S),
            self._pipeline.end_holes,
            lambda: self._browsers.end(is_withdrawn=self._config.withdrawn_path.exists()),
            lambda: self._warden.end(self.reason.replace("_", " ")),
            self._writer.finish,
            self._control.close,
            self._sources.close,
            self._warden.close,
            self._files.close,
            self._selector.close,
        ):
            contained(step)

    # ---- pause and resume ----

    def _open(self) -> None:
        needs_trees = any(
            not self._lending.is_browser(app.id) for app in self._lending.programme.apps if self._lending.lends_anything(app.id)
        )
        voice_key = self._config.voice_key if "voice" in self._lending.streams else ""
        self._sources.start(Wanted(needs_trees, "clipboard" in self._lending.streams, voice_key))
        self._is_open = True
        self._listen()
        if self._sources.atspi is not None:
            self._selector.register(self._sources.atspi, selectors.EVENT_READ, self._on_native_rang)
        if self._sources.clipboard is not None:
            self._selector.register(self._sources.clipboard, selectors.EVENT_READ, self._observer.on_clipboard)
        if self._sources.voice_key is not None:
            self._selector.register(self._sources.voice_key, selectors.EVENT_READ, self._on_voice_key)
        self._browsers.show(self._warden.app, is_open=self._is_open, because=self._warden.because)
        self._observer.look_around()

    def _close(self, reason: GapReason) -> None:
        """Stop reading at once, then judge what was read."""
        if self._is_open:
            contained(partial(self._observer.on_input, is_all=True))  # what was done until now; a lost server has nothing more to say
            self._close_sources(reason)
            self._pipeline.release_all()

    def _close_sources(self, reason: GapReason) -> None:
        self._is_open = False
        for source in (self._sources.input, self._sources.atspi, self._sources.clipboard, self._sources.voice_key):
            if source is not None and source.fileno() in self._selector.get_map():
                self._selector.unregister(source)
        self._sources.pause()
        self._voice.stop(reason)
        self._browsers.hold()
        self._pictures.stop(reason)

    def _close_and_settle(self, reason: GapReason) -> None:
        """Stop reading, and return when what was read is on the disk: nothing is stored after that."""
        if self._is_open:
            self._close(reason)
            self._writer.settle(reason)

    def _open_again(self) -> None:
        if self._ended is None:
            self._pipeline.end_holes()
            self._open()

    def _forget(self, seconds: int) -> None:
        """Take the last seconds out for good: of the screen and the buses unread, of memory, of the disk."""
        cut_ns, was_open = self._clock.monotonic_ns() - seconds * _SECOND_NS, self._is_open
        if was_open:
            self._close_sources("participant_removed")
        self._voice.forget(cut_ns)
        self._pipeline.forget()
        try:
            self._writer.forget(cut_ns)
        except WittingError as error:
            self._end(error)
            raise
        if was_open:
            self._open()

    # ---- what the loop hears ----

    def _on_display(self) -> None:
        for event in self._sources.display.events():
            self._warden.handle(event)
            if self._observer.on_display(event, is_recording=self._is_open):
                self._warden.toggle()
        self._warden.after_events()
        self._warden.see(self._fronts.now)
        self._browsers.show(self._warden.app, is_open=self._is_open, because=self._warden.because)

    def _on_files(self) -> None:
        if self._files.read():
            self._check()
            self._warden.reload()

    def _on_bus(self, bus: Bus, descriptor: int) -> None:
        bus.poll()
        if not bus.is_there:
            self._selector.unregister(descriptor)

    def _on_pages(self) -> None:
        for message in self._sources.browser.read():
            if isinstance(message, PageControl):
                self._obey(Command(do=message.do))
            else:
                self._catch_up(message)
                self._observer.on_page(message, is_recording=self._is_open)
        if self._browsers.was_one_lost():
            if self._is_open:
                self._pipeline.drop("pages", "lost", timestamp_ns=self._clock.monotonic_ns())  # what its pages did until it is back
            self._observer.forget_pages()
            self._sources.browser.ask_anew()

    def _on_native_rang(self) -> None:
        if self._sources.atspi is not None:
            self._sources.atspi.rang()
            self._selector.unregister(self._sources.atspi)

    def _on_native(self) -> None:
        atspi = self._sources.atspi
        if atspi is None:
            return
        for message in atspi.read():
            self._catch_up(message)
            if self._is_open:
                self._observer.on_native(message)
        if self._is_open and atspi.fileno() not in self._selector.get_map():
            self._selector.register(atspi, selectors.EVENT_READ, self._on_native_rang)

    def _catch_up(self, message: object) -> None:
        """Before word of the focus is taken read the key or click that moved it, and a pause before that."""
        if self._is_open and isinstance(message, PageFocus | RawFocus):
            self._on_display()
            if self._is_open:
                self._observer.on_input(is_all=True)

    def _listen(self) -> None:
        """Hear when input begins; it is read a moment later, all at once."""
        if self._sources.input is not None:
            self._selector.register(self._sources.input, selectors.EVENT_READ, self._sources.input.rang)

    def _on_wake(self) -> None:
        self._wake_r.recv(4096)
        if self._writer.failure is not None:
            self._end(self._writer.failure)

    def _on_time(self) -> None:
        now_ns = self._clock.monotonic_ns()
        if self._is_open:
            self._on_time_recording(now_ns)
        self._warden.tick(now_ns)
        self._pictures.thin(_THINNED if self._warden.guards.processor.is_thinned else 1)
        self._voice.tick(now_ns)
        if now_ns >= self._watch_due_ns:
            self._watch_due_ns = now_ns + (EVERY_NS if self._files.is_watching else UNTOLD_NS)
            self._check()

    def _on_time_recording(self, now_ns: int) -> None:
        source = self._sources.input
        if source is not None and source.next_deadline_ns is not None and source.next_deadline_ns <= now_ns:
            self._on_display()  # first: a program may have seized the keyboard, or the person paused
            if self._is_open:
                self._observer.on_input()
        atspi = self._sources.atspi
        if atspi is not None and atspi.next_deadline_ns is not None and atspi.next_deadline_ns <= now_ns:
            self._on_native()
        clipboard = self._sources.clipboard
        if clipboard is not None and clipboard.next_deadline_ns is not None and clipboard.next_deadline_ns <= now_ns:
            self._observer.on_clipboard()
        self._observer.ask_due(now_ns)
        self._observer.read_layout(now_ns)
        self._observer.rest_due(now_ns)
        self._pictures.tick(now_ns)
        self._pipeline.release(now_ns)
        self._released_ns = now_ns

    def _check(self) -> None:
        """Whether consent still stands: when a file changed, and now and then."""
        trouble = self._watch.trouble()
        if trouble is None and self._is_open and not self._lending.is_in_force:
            trouble = NoConsentError("consent ended", hint="nothing more is recorded")
        if trouble is not None:
            self._end(trouble)

    def _patience_s(self) -> float:
        if self._ended is not None or self._sources.display.has_set_aside():
            return 0
        times: list[int | None] = [self._watch_due_ns, self._warden.next_due_ns, self._voice.next_due_ns]
        if self._is_open:
            atspi = self._sources.atspi
            times += [
                self._observer.next_ask_ns,
                self._observer.layouts.next_due_ns,
                self._observer.next_rest_ns,
                self._pictures.next_due_ns(),
                self._release_due_ns(),
            ]
            times += [source.next_deadline_ns for source in (self._sources.input, atspi, self._sources.clipboard) if source is not None]
        return max(0, min(at_ns for at_ns in times if at_ns is not None) - self._clock.monotonic_ns()) / _SECOND_NS

    # ---- voice notes ----

    def _on_voice_key(self) -> None:
        if self._sources.voice_key is not None:
            self._voice.on_key(self._sources.voice_key.read())

    def _keep_note(self, note: RawVoice) -> None:
        """Take a note whose text has come, also when recording was paused since."""
        self._pipeline.hold(note, self._clock.monotonic_ns())
        if not self._is_open:
            self._pipeline.release_all()

    def _drop_note(self, reason: GapReason, at_ns: int) -> None:
        self._pipeline.drop("voice", reason, timestamp_ns=at_ns)

    def _release_due_ns(self) -> int | None:
        """When to judge what waits: not for each item on its own."""
        due_ns = self._pipeline.next_due_ns
        return None if due_ns is None else max(due_ns, self._released_ns + _RELEASE_EVERY_NS)

    # ---- what it says and obeys ----

    def _obey(self, command: Command) -> RecorderStatus:
        actions: dict[str, Callable[[], None]] = {
            "pause": lambda: self._warden.hold("person"),
            "resume": self._warden.go_on,
            "stop": lambda: self._end("stopped"),
            "forget": lambda: self._forget(command.seconds),
            "task": lambda: self._state_task(command),
            "voice_begin": lambda: self._voice.begin(keeps_sound=command.keep_sound),
            "voice_end": self._voice.end,
        }
        if command.do in actions:
            actions[command.do]()
        self._warden.see(self._fronts.now)
        return self.books.status(is_ending=self._ended is not None)

    def _state_task(self, command: Command) -> None:
        if self._warden.is_holding:
            raise UsageError("recording is paused, so a task can't be stated", hint="`witting resume` first")
        now_ns = self._clock.monotonic_ns()
        self._pipeline.hold(RawTask(now_ns, command.state, command.instruction), now_ns)

    def _end(self, why: WittingError | str) -> None:
        if self._ended is None:
            self._ended = why

    def _pictures_given(self) -> int:
        return self._pipeline.pictures

    @property
    def reason(self) -> str:
        """Why the session ended, in a word."""
        if isinstance(self._ended, WittingError):
            return self._ended.code or type(self._ended).__name__.removesuffix("Error")
        return self._ended or ""


def _nothing() -> None:
    """The display is read at every turn."""
