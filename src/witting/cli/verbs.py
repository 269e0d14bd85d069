"""Every verb of the command line in one table, and the help made from it; knows no verb's options and imports nothing.

Invariant: what `witting --help` prints comes from here alone, whether click was loaded or not, so that it can be printed before click is.
"""

ABOUT = "Lend your know-how to agents, knowing and willing, and take it back when you like."

EXIT_CODES = (
    "Exit status: 0 done · 1 unexpected · 2 usage · 10 no consent in force · 11 notice changed · 12 leak found, nothing sent · "
    "13 store locked · 14 integrity · 15 hub unreachable (kept for later)"
)

OPTIONS = [("--version", "Show the version and exit."), ("-h, --help", "Show this message and exit.")]

# verb → (module of witting.cli, attribute, one line, section)
VERBS: dict[str, tuple[str, str, str, str]] = {
    "join": ("join", "join", "read the notice of an invitation, choose, get a receipt", "participant"),
    "status": ("status", "status", "what is recorded now, under which consent", "participant"),
    "notice": ("notice", "notice", "the notice in force", "participant"),
    "receipts": ("receipts", "receipts", "your consent receipts", "participant"),
    "desk": ("desk", "desk", "open your pages: review, mask, delete, send, withdraw", "participant"),
    "record": ("record", "record", 'start recording, e.g. record "book a train"', "participant"),
    "pause": ("record", "pause", "stop recording for now; no limit", "participant"),
    "resume": ("record", "resume", "go on recording", "participant"),
    "voice": ("record", "voice", "begin or end a voice note", "participant"),
    "stop": ("record", "stop", "end the session", "participant"),
    "forget": ("forget", "forget", "take the last minutes out for good, e.g. forget 5m", "participant"),
    "quiet": ("quiet", "quiet", "hours in which nothing is recorded, e.g. quiet 18:00-08:00", "participant"),
    "episodes": ("review", "episodes", "what is on this device", "participant"),
    "review": ("review", "review", "what would leave, with what was removed and why", "participant"),
    "drop": ("review", "drop", "delete a session from this device", "participant"),
    "routines": ("routines", "routines", "what you do again and again, found here, kept here", "participant"),
    "upload": ("upload", "upload", "send what you reviewed; --dry-run prints what would leave", "participant"),
    "withdraw": ("withdraw", "withdraw", "take sessions, or everything, back; prints a deletion receipt", "participant"),
    "leave": ("leave", "leave", "withdraw everything and remove witting's data here", "participant"),
    "verify": ("verify", "verify", "check receipts and log proofs, offline", "participant"),
    "doctor": ("record", "doctor", "what works on this machine and how to mend the rest", "participant"),
    "programme": ("programme", "programme", "write, check and show programmes; invite", "steward"),
    "hub": ("hub", "hub", "set up and serve the hub", "steward"),
    "insight": ("insight", "insight", "figures about groups: release them on their day, show them", "steward"),
    "dataset": ("dataset", "dataset", "build, show, compare and check datasets", "researcher"),
    "import": ("importing", "import_", "what others recorded, as a dataset marked with its source", "researcher"),
    "export": ("exporting", "export", "a dataset as other labs' tools read it, with its receipts", "researcher"),
    "train": ("train", "train", "train a policy on a dataset", "researcher"),
    "evaluate": ("evaluate", "evaluate", "run agents live and count successes", "researcher"),
    "compare": ("evaluate", "compare", "compare two evaluations", "researcher"),
    "unlearn": ("unlearn", "unlearn", "make a policy again without somebody's sessions", "researcher"),
    "follow": ("following", "follow", "make datasets and models anew that people left", "researcher"),
    "audit": ("audit", "audit", "verify the log, scan for leaks, prove entries", "auditor"),
    "witness": ("witness", "witness", "hold the second key of a hub's log: cosign, refuse a fork", "auditor"),
    "redact": ("redact", "redact", "redact a file of texts, to see or score what the detectors do", "auditor"),
    "demo": ("demo", "demo", "the whole way once, on this machine, with synthetic people", "everyone"),
}

_EXTRAS = {
    "hub": "hub",
    "insight": "hub",
    "dataset": "lab",
    "import": "lab",
    "export": "lab",
    "train": "lab",
    "evaluate": "lab",
    "compare": "lab",
    "unlearn": "lab",
    "follow": "lab",
    "audit": "audit",
    "witness": "audit",
    "programme": "hub",
    "demo": "dev",
}
_COLUMN_LIMIT = 30  # of names before their texts, as click has it


def extra_of(verb: str) -> str:
    """Return the extra that brings what a verb needs."""
    return _EXTRAS.get(verb, "device")


def sections() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each heading with its verbs and what they do."""
    names = {who: f"For {who}" if who == "everyone" else f"For the {who}" for _, _, _, who in VERBS.values()}
    return [(title, [(verb, row[2]) for verb, row in VERBS.items() if row[3] == who]) for who, title in names.items()]


def help_text(width: int) -> str:
    """Return the help of `witting`, in lines of at most `width` characters, laid out as click lays it out."""
    lines = ["Usage: witting [OPTIONS] COMMAND [ARGS]...", "", *_wrap(ABOUT, width), ""]
    for title, rows in [("Options", OPTIONS), *sections()]:
        lines += [f"{title}:", *_list(rows, width), ""]
    return "\n".join([*lines, *_wrap(EXIT_CODES, width)])


def _list(rows: list[tuple[str, str]], width: int) -> list[str]:
    """Return names and their texts in two columns."""
    column = min(_COLUMN_LIMIT, max(len(name) for name, _ in rows)) + 4
    texts = [(name, _wrap(text, width, column)) for name, text in rows]
    return [line for name, (first, *rest) in texts for line in (f"  {name:<{column - 2}}{first[column:]}", *rest)]


def _wrap(text: str, width: int, indent: int = 2) -> list[str]:
    """Return text in lines, broken between words."""
    lines: list[str] = []
    line = " " * indent
    for word in text.split():
        if len(line) > indent and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = " " * indent
        line += (" " if len(line) > indent else "") + word
    return [*lines, line]
