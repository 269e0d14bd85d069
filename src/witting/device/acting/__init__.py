"""Hands of a script at the participant's desk: looks at what is in front, does one step, looks again, and stops at any doubt.

For: routines that their person has run, at their screen, while they watch. Knows capture's trees, which stay in memory; not the hub.
Invariant: nothing is done without being told to, in an app or page that isn't lent for help, in a secure field, on a locked screen, or
after the person touched mouse or keyboard; nothing that was seen is kept.
"""
