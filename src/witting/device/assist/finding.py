"""The routines of one participant: found in what lies on their device and may be used, with what they said about them.

Reads the spool; keeps nothing it reads. Invariant: recordings that are being written, damaged, or dropped in review aren't read; what the
person masked or took out isn't used.
"""

from collections.abc import Callable, Iterator

import msgspec

from witting.actions import steps
from witting.device.assist.asking import Help, help_for
from witting.device.assist.deeds import Deed, deeds_of
from witting.device.assist.keeping import Said, SaidStore
from witting.device.assist.routines import Routine, RoutineStep, find_routines
from witting.device.assist.shortcuts import Tip, find_tips
from witting.device.enrolment import Enrolment
from witting.device.review import preview
from witting.terms.errors import IntegrityError, UsageError

Progress = Callable[[int, int], None]  # recordings read, of how many


def _no_progress(done: int, of: int) -> None:
    del done, of


class Routines:
    """What a participant does again and again."""

    def __init__(self, enrolment: Enrolment) -> None:
        self._enrolment = enrolment
        self._said = SaidStore(enrolment.data_dir, enrolment.keystore)
        self.unread = 0  # recordings that couldn't be read
        self.tips: list[Tip] = []  # what the last `find` found besides

    @property
    def said(self) -> Said:
        """What the person said about them."""
        return self._said.read()

    def find(self, progress: Progress = _no_progress, *, with_forbidden: bool = False) -> list[Routine]:
        """Return the routines, the one that takes most time in all first, under the names they were given.

        Raises:
            NoConsentError: help at the desk isn't lent.
        """
        said = self.said
        sessions = list(self._sessions(help_for(self._enrolment), progress))
        self.tips = find_tips(sessions, said.dismissed)
        found = find_routines(sessions)
        return [_as_said(routine, said) for routine in found if with_forbidden or routine.routine_id not in said.forbidden]

    def get(self, name: str) -> Routine:
        """Return the routine whose id begins with `name`.

        Raises:
            UsageError: none does, or several do.
        """
        found = [routine for routine in self.find(with_forbidden=True) if routine.routine_id.startswith(name)]
        if len(found) != 1 or not name:
            message = (
                f"{len(found) if name else 'no'} routines begin with {name[:32]!r}" if found else f"no routine begins with {name[:32]!r}"
            )
            raise UsageError(message, hint="`witting routines` lists them")
        return found[0]

    def name(self, routine_id: str, title: str) -> None:
        """Give a routine a name; an empty one takes it back."""
        said = self.said
        names = {**said.names, routine_id: title.strip()[:80]}
        self._said.write(msgspec.structs.replace(said, names={known: text for known, text in names.items() if text}))

    def forbid(self, routine_id: str, *, is_forbidden: bool = True) -> None:
        """Never show, suggest or run a routine; or do so again."""
        said = self.said
        forbidden = {*said.forbidden, routine_id} if is_forbidden else {*said.forbidden} - {routine_id}
        self._said.write(msgspec.structs.replace(said, forbidden=tuple(sorted(forbidden))))

    def leave_out(self, routine: Routine, number: int) -> None:
        """Take a step out of a routine for good; `number` counts the steps as they are shown, from 1.

        Raises:
            UsageError: there is no such step, or too few would be left.
        """
        if not 1 <= number <= len(routine.steps):
            message = f"there is no step {number}"
            raise UsageError(message, hint=f"this routine has steps 1 to {len(routine.steps)}")
        if len(routine.steps) == 1:
            raise UsageError("a routine keeps at least one step", hint="forbid it if you don't want it at all")
        said = self.said
        before = said.left_out.get(routine.routine_id, ())
        shown = [index for index in range(len(routine.steps) + len(before)) if index not in before]
        left_out = {**said.left_out, routine.routine_id: tuple(sorted((*before, shown[number - 1])))}
        self._said.write(msgspec.structs.replace(said, left_out=left_out))

    def dismiss(self, tip: str) -> None:
        """Never tell a tip again.

        Raises:
            UsageError: the last `find` told no such tip.
        """
        if tip not in {one.name for one in self.tips}:
            raise UsageError("there is no such tip", hint="open the page again; nothing was changed")
        said = self.said
        self._said.write(msgspec.structs.replace(said, dismissed=(*said.dismissed, tip)))

    def forget(self) -> bool:
        """Erase all that was said; False when nothing was."""
        return self._said.forget()

    def _sessions(self, lent: Help, progress: Progress) -> Iterator[list[Deed]]:
        spool = self._enrolment.open_spool()
        infos = [info for info in spool.sessions() if not info.is_recording]
        self.unread = len(spool.damaged())
        for number, info in enumerate(infos):
            progress(number, len(infos))
            try:
                records = list(preview(spool, info.session_id, marks=spool.marks(info.session_id)))
            except (IntegrityError, UsageError, FileNotFoundError):  # damaged, or deleted meanwhile
                self.unread += 1
                continue
            yield deeds_of([step for step in steps(records) if lent.may_use(step.action)])
        progress(len(infos), len(infos))


def _as_said(routine: Routine, said: Said) -> Routine:
    """Return a routine under its person's name for it and without the steps they took out."""
    left_out = said.left_out.get(routine.routine_id, ())
    kept: tuple[RoutineStep, ...] = tuple(step for number, step in enumerate(routine.steps) if number not in left_out)
    used = {step.slot for step in kept}
    return msgspec.structs.replace(
        routine,
        title=said.names.get(routine.routine_id, routine.title),
        steps=kept,
        slots=tuple(slot for slot in routine.slots if slot.name in used),
    )
