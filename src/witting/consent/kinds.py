"""What the kinds of recording are called, how their fields are protected, and a made-up minute of each, in plain English.

Pure data. Every sentence here has its translation in `words/`; a test holds them together.
"""

from typing import Literal

from witting.terms.events import Stream
from witting.terms.fields import Redaction

KINDS: dict[Stream, str] = {
    "pointer": "The pointer",
    "keys": "Typing",
    "windows": "Windows",
    "pages": "Web pages",
    "ui_tree": "What the window says",
    "screen": "Pictures of the screen",
    "clipboard": "The clipboard",
    "voice": "Voice notes",
    "cadence": "The pace of typing",
}
PROTECTED: dict[Redaction, str] = {
    "none": "as it is",
    "opaque": "a random name",
    "rounded": "rounded",
    "text": "personal parts covered on your machine",
    "address": "cut short, personal parts covered on your machine",
    "pixels": "masked on your machine",
    "name": "made after masking",
    "chosen": "as it is, and only if you ask for just this one",
}
CADENCE = (
    "This is a choice of its own, and it is off. How people type can tell who they are. So we keep very little of it.",
    "We count how often two keys came how far apart, in steps of 50 thousandths of a second, over a minute or more.",
    "Which keys they were is not kept. Your passwords are not counted.",
    "It is never used to tell who you are, how you feel or how well you work. You lose nothing if you leave it off.",
)
POINTER_RESIDUE = (
    "Of the way of your pointer only two things are kept: if it took a second, and if it was direct. Clicks keep their place. "
    "We had a program guess who of 6 people it was. It was right in 45 of 100 cases. By chance it is 17. With the whole way it was 68."
)
KEYS_RESIDUE = (
    "The times of your keys are made alike for all. We had a program guess who of 64 people wrote five sentences. "
    "It was right in 7 of 100 cases. By chance it is 2. With the true times it was 93."
)
EXAMPLE: tuple[tuple[str, Stream | Literal["all"], str], ...] = (
    ("09:14:03", "windows", "The window “Order for ⟨NAME_1⟩” came to the front."),
    ("09:14:05", "pages", "A page of a site you lend opened, at /orders/⟨NUMBER_1⟩."),
    ("09:14:06", "ui_tree", "A field “Customer” that holds ⟨NAME_1⟩, and a button “Save”."),
    ("09:14:08", "pointer", "A click 412 pixels from the left and 233 from the top."),
    ("09:14:09", "screen", "A picture. All words that weren't checked are masked."),
    ("09:14:15", "keys", "A field held “2 boxes for ⟨NAME_1⟩” when you were done. Then the key Return."),
    ("09:14:21", "clipboard", "Text, about a line long. Not which."),
    ("09:14:30", "voice", "“I check the order of ⟨NAME_1⟩ first.” The sound is thrown away."),
    ("09:14:59", "cadence", "In this minute 41 times two keys came less than 50 thousandths of a second apart."),
    ("09:15:02", "all", "Four keys went into a password field."),
)
