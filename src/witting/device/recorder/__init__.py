"""The recorder: composes capture → gate → privacy → spool in a process of its own that can't reach the network.

`python -m witting.device.recorder --config FILE`, or `witting.device.recorder.session.run(load_config(path))` in a process made for it.
"""

from witting.device.recorder.config import RecorderConfig, load_config, save_config

__all__ = ["RecorderConfig", "load_config", "save_config"]
