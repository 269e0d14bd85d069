"""Tasks in real Debian applications under the desktop session, each with a checker of the state that it leaves, and their environment."""

from witting.testing.desktop_suite.environment import DesktopEnv
from witting.testing.desktop_suite.tasks import TASKS, DesktopTask

__all__ = ["TASKS", "DesktopEnv", "DesktopTask"]
