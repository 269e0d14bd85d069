"""Reads pictures for privacy: words, faces and codes in pixels, in a process of its own that forgets when it ends.

Decides nothing: what may be shown is privacy's to say. Writes nothing and reaches no network.
"""
