"""Help at the participant's own desk: routines found in their own recordings, and scripts made of them.

For: the person who lent the recordings, on their machine, while they lend them for help at their desk. Knows the spool through its readers
and the reduction; not the hub. Invariant: nothing made here leaves the device.
"""
