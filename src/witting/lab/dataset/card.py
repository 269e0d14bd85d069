"""The card of a dataset version: a datasheet (Gebru et al., 2021) with the items that California's AB 2013 asks for, filled from lineage.

Invariant: what the manifest can't tell is said not to be known, never filled with something that sounds right.
"""

from collections import Counter
from pathlib import Path

import msgspec

from witting.lab.dataset.croissant import croissant_of, description_of, people_of
from witting.lab.dataset.manifest import read_manifest
from witting.terms.work import DatasetManifest

CROISSANT_FILE, DATASHEET_FILE = "croissant.json", "DATASHEET.md"
UNKNOWN = "not known from the dataset's lineage; whoever publishes it must say"


def write_card(path: Path, out_dir: Path) -> tuple[Path, Path]:
    """Write croissant.json and DATASHEET.md of the dataset in `path` into `out_dir` and return their paths.

    Raises:
        UsageError: there is no dataset.
        IntegrityError: its manifest can't be read.
    """
    told = croissant_of(path)
    sheet = datasheet_of(read_manifest(path))
    out_dir.mkdir(parents=True, exist_ok=True)
    files = out_dir / CROISSANT_FILE, out_dir / DATASHEET_FILE
    files[0].write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    files[1].write_text(sheet, encoding="utf-8")
    return files


def datasheet_of(manifest: DatasetManifest) -> str:
    """Return the datasheet as Markdown."""
    sections = [("Datasheet", _questions(manifest)), ("Items of California AB 2013 (Civil Code 3111)", _ab_2013(manifest))]
    lines = [
        f"# {manifest.dataset_id}",
        "",
        description_of(manifest),
        "",
        f"Root: `{manifest.root}` (RFC 6962, over sessions, over rows)",
        "",
    ]
    for title, rows in sections:
        lines += [f"## {title}", ""]
        lines += [line for question, answer in rows for line in (f"**{question}** {answer}", "")]
    return "\n".join(lines)


def _questions(manifest: DatasetManifest) -> list[tuple[str, str]]:
    is_import = bool(manifest.source)
    total = sum(session.events for session in manifest.sessions)
    parts = Counter(session.split for session in manifest.sessions)
    receipts = sorted({session.receipt_id for session in manifest.sessions if session.receipt_id})
    return [
        ("For what purpose was it made?", f"`{manifest.purpose}`, of `{manifest.programme_id}`."),
        (
            "What does an instance represent?",
            "A step: what was to be seen before an action (UI tree, picture), and the action taken on it.",
        ),
        ("How many are there?", description_of(manifest) + f" From {total} recorded events."),
        ("Is anything missing?", _missing(manifest)),
        (
            "Are there recommended splits?",
            ", ".join(f"{name} {count} sessions" for name, count in sorted(parts.items())) + "; by participant.",
        ),
        ("Does it relate to people?", f"Yes, {people_of(manifest)}, under pseudonyms of one programme."),
        (
            "How was it collected?",
            manifest.source or "Recorded on the participants' own machines by witting, redacted there before storage.",
        ),
        (
            "Did they consent?",
            "Not by witting; see the source." if is_import else f"Yes, each session under a receipt ({len(receipts)} receipts).",
        ),
        (
            "Can consent be revoked?",
            "By the source's own rules." if is_import else "At any time; a new version without the session follows.",
        ),
        (
            "Was it preprocessed?",
            "Events were reduced to actions, runs of typing joined; the raw events stay with the participant or the hub.",
        ),
        ("How is it distributed?", manifest.licence or "Not at all, unless the programme's notice says so."),
        (
            "How is it maintained?",
            f"Version {manifest.version}, built {manifest.built_at}." + (f" Replaces {manifest.replaces}." if manifest.replaces else ""),
        ),
        ("What should it not be used for?", "Judging people: no score of a person, their performance, mood or attention."),
    ]


def _ab_2013(manifest: DatasetManifest) -> list[tuple[str, str]]:
    is_import = bool(manifest.source)
    episodes = sum(session.episodes for session in manifest.sessions)
    return [
        ("1. Sources or owners.", manifest.source or "Participants of the programme, who lend it and keep the right to take it back."),
        ("2. How it furthers the intended purpose.", "Steps of real work teach an agent what to do next on a screen."),
        ("3. Number of data points.", f"{sum(session.steps for session in manifest.sessions)} steps in {episodes} episodes."),
        ("4. Types of data points.", "Labelled by what people did: UI trees, pictures, actions, instructions in words."),
        ("5. Copyright, trademark, patent, public domain.", manifest.licence or UNKNOWN + " (screens may show works of others)."),
        (
            "6. Purchased or licensed.",
            f"Licence as stated: {manifest.licence}." if is_import else "Lent under consent receipts, not bought.",
        ),
        (
            "7. Personal information.",
            "May hold some: see the source." if is_import else "Redacted on the device; what is left is pseudonymised, not anonymised.",
        ),
        ("8. Aggregate consumer information.", "None is added."),
        ("9. Cleaning, processing, modification.", "Reduction to actions; quality flags: " + (_flags(manifest) or "none") + "."),
        (
            "10. Time of collection.",
            UNKNOWN + "." if is_import else f"Until {manifest.built_at}; each session's hour is with its rows; ongoing.",
        ),
        ("11. First used in development.", UNKNOWN + "; model cards name the dataset they learnt from."),
        ("12. Synthetic data.", "None is generated by witting; " + ("see the source." if is_import else "sessions are recordings.")),
    ]


def _missing(manifest: DatasetManifest) -> str:
    left = f"{len(manifest.left_out)} files of the source could not be read. " if manifest.left_out else ""
    return f"{left}Flags over episodes: {_flags(manifest) or 'none'}. Holes in recordings are recorded as such, with the reason."


def _flags(manifest: DatasetManifest) -> str:
    return ", ".join(f"{count} {flag}" for flag, count in manifest.flags.items())
