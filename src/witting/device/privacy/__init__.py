"""The only room that turns raw into redacted: texts, trees, events and pictures. Everything that is written went through here."""

from witting.device.privacy.detectors import Adds
from witting.device.privacy.pixels import Pane
from witting.device.privacy.redactor import Kept, Redactor
from witting.terms.errors import RedactionError

__all__ = ["Adds", "Kept", "Pane", "RedactionError", "Redactor"]
