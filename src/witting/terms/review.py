"""What a participant takes out before anything leaves: marks on a session, kept sealed beside it."""

import msgspec

from witting.terms.geometry import Rect


class MaskRegion(msgspec.Struct, frozen=True, tag="mask", kw_only=True):
    """Hide a region of the screen from `from_ns` to `to_ns`, both included: in pictures and in what the UI tree says there."""

    mark_id: str  # opaque, names the mark for undoing
    area: Rect  # screen pixels
    from_ns: int  # on the clock of the session, as it leaves
    to_ns: int


class DropRange(msgspec.Struct, frozen=True, tag="drop", kw_only=True):
    """Take out everything recorded from `from_ns` to `to_ns`, both included; a Gap says that something was taken out."""

    mark_id: str  # opaque, names the mark for undoing
    from_ns: int  # on the clock of the session, as it leaves
    to_ns: int


class SendSound(msgspec.Struct, frozen=True, tag="send_sound", kw_only=True):
    """The sound of the voice note that began at `timestamp_ns` may leave too; without this mark it never does."""

    mark_id: str  # opaque, names the mark for undoing
    timestamp_ns: int


class DropSession(msgspec.Struct, frozen=True, tag="drop_session", kw_only=True):
    """The whole session stays here and is to be deleted."""

    mark_id: str


class Reviewed(msgspec.Struct, frozen=True, tag="reviewed", kw_only=True):
    """The participant was shown what would leave, with this digest; a parcel of anything else isn't made."""

    mark_id: str
    content_digest: str  # sha256 (hex) over the records as shown
    reviewed_at: str  # RFC 3339 UTC


Mark = MaskRegion | DropRange | SendSound | DropSession | Reviewed
