"""Loading: sealed dataset versions → batches of what was seen and done, in an order that a seed decides and that can be taken up again."""

from witting.lab.loading.loader import Batch, Loader, LoaderState
from witting.lab.loading.windows import Window, WindowSource

__all__ = ["Batch", "Loader", "LoaderState", "Window", "WindowSource"]
