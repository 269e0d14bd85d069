"""The participant's own pages, served to this machine only: status, notice, receipts, review, sending, leaving."""

from witting.device.desk.app import create_desk
from witting.device.desk.config import DeskConfig
from witting.device.desk.serve import serve

__all__ = ["DeskConfig", "create_desk", "serve"]
