"""What a group may learn about itself: common ways, trouble spots and routines, as counts of people behind two gates.

Knows sessions only while it reads them. Invariant: nothing leaves this room about fewer people than the programme's minimum, or beyond the
programme's budget (differential privacy for each person, over all releases).
"""
