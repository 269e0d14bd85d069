"""What happens on the screen, one source per file, as raw events that live in memory only.

Only `witting.device.privacy` and `witting.device.recorder` may import from here. A source knows its own wire (X11, D-Bus, a unix socket)
and nothing of consent, redaction or files.
"""
