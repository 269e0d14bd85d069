"""Voice notes: what was said while a key or button was held becomes text in a process of its own, and the sound goes with it.

`python -m witting.device.voice` is that process. Doesn't open the microphone (capture does) and doesn't redact (privacy does).
"""
