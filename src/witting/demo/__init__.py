"""The whole way once, told station by station on real parts; what `make demo` runs and the end-to-end test repeats in small.

A station is a function of the stage. It adds checks and figures; the story ends with the report, and with exit 1 if a check doesn't hold.
"""
