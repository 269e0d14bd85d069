"""A dataset version told in Croissant 1.1 (MLCommons) with its vocabulary for responsible AI, from its manifest alone.

Knows no consent but what the manifest names. Invariant: nothing is stated that the manifest doesn't bear out; people are counted, never
named.
"""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

from witting.lab.dataset.manifest import MANIFEST_FILE, read_manifest
from witting.terms.work import DatasetManifest

CROISSANT, RAI = "http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"
_CONTEXT: dict[str, Any] = {
    "@language": "en", "@vocab": "https://schema.org/", "arrayShape": "cr:arrayShape", "citeAs": "cr:citeAs", "column": "cr:column",
    "conformsTo": "dct:conformsTo", "containedIn": "cr:containedIn", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"}, "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"}, "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject", "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes", "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset", "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "name": {"@container": "@language"},
    "parentField": "cr:parentField", "path": "cr:path", "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex",
    "repeated": "cr:repeated", "replace": "cr:replace", "samplingRate": "cr:samplingRate", "sc": "https://schema.org/",
    "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "transform": "cr:transform",
}  # fmt: skip
_FIELDS = {
    "session_id": ("sc:Text", "a random name for one recording"),
    "receipt_id": ("sc:Text", "the consent receipt it was lent under; empty for imported data"),
    "digest": ("sc:Text", "RFC 6962 root (hex) over the digests of its rows"),
    "episodes": ("sc:Integer", "attempts at a task in it"),
    "steps": ("sc:Integer", "observations with the action taken on them"),
    "events": ("sc:Integer", "recorded events that the steps were derived from"),
    "split": ("sc:Text", "train, validation or test, by participant"),
}


def croissant_of(path: Path) -> dict[str, Any]:
    """Return the Croissant description of the dataset in `path`, as JSON-LD.

    Raises:
        UsageError: there is no dataset.
        IntegrityError: its manifest can't be read.
    """
    manifest = read_manifest(path)
    digest = hashlib.sha256((path / MANIFEST_FILE).read_bytes()).hexdigest()
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": manifest.dataset_id.replace("@", "-v").replace(":", "-"),
        "conformsTo": [CROISSANT, RAI],
        "description": description_of(manifest),
        "version": f"{manifest.version}.0.0",
        "datePublished": manifest.built_at,
        "license": manifest.licence or "for the purpose it was lent for, by those it was lent to; no licence to anyone else",
        "url": f"urn:witting:dataset:{manifest.root}",
        "citeAs": f"{manifest.dataset_id}, RFC 6962 root {manifest.root}",
        "isLiveDataset": True,
        "distribution": [_manifest_file(digest), _rows()],
        "recordSet": [_sessions()],
        **_responsible(manifest),
    }


def description_of(manifest: DatasetManifest) -> str:
    """Return what a dataset holds, in a sentence."""
    episodes, steps = (sum(getattr(session, field) for session in manifest.sessions) for field in ("episodes", "steps"))
    origin = f"imported from {manifest.source}" if manifest.source else "lent by people who opted in, redacted on their own machines"
    return (
        f"{steps} steps of computer work in {episodes} attempts, from {len(manifest.sessions)} sessions of {people_of(manifest)} people, "
        f"{origin}; for the purpose {manifest.purpose}."
    )


def people_of(manifest: DatasetManifest) -> int:
    """Return how many people are in a dataset."""
    return len({session.participant or session.session_id for session in manifest.sessions})


def _manifest_file(digest: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": MANIFEST_FILE,
        "name": MANIFEST_FILE,
        "description": "what is in the dataset, named by digests",
        "contentUrl": MANIFEST_FILE,
        "encodingFormat": "application/json",
        "sha256": digest,
    }


def _rows() -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": "rows",
        "name": "rows",
        "description": "Lance fragments, one a session; action, tree, picture and episode sealed with the session's key",
        "encodingFormat": "application/octet-stream",
        "includes": "*.lance/data/*.lance",
    }


def _sessions() -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"sessions/{name}",
            "name": name,
            "description": about,
            "dataType": kind,
            "source": {"fileObject": {"@id": MANIFEST_FILE}, "extract": {"jsonPath": f"$.sessions[*].{name}"}},
        }
        for name, (kind, about) in _FIELDS.items()
    ]
    return {"@type": "cr:RecordSet", "@id": "sessions", "name": "sessions", "key": {"@id": "sessions/session_id"}, "field": fields}


def _responsible(manifest: DatasetManifest) -> dict[str, Any]:
    """Return the statements on responsible AI (Croissant RAI 1.0) that the manifest bears out."""
    flags = ", ".join(f"{count} {flag}" for flag, count in manifest.flags.items()) or "none"
    parts = ", ".join(f"{count} {part}" for part, count in sorted(Counter(session.split for session in manifest.sessions).items()))
    if manifest.source:
        collected, sensitive = (
            f"imported from {manifest.source}; {len(manifest.left_out)} files could not be read",
            "not redacted by witting",
        )
    else:
        collected = "recorded on participants' own machines after they opted in, reviewed by them before anything left"
        sensitive = "names, addresses, numbers and secrets were replaced or masked on the device; measured in the privacy benchmark"
    return {
        "rai:dataCollection": collected,
        "rai:dataCollectionType": ["Direct measurement", "Observations"],
        "rai:dataPreprocessingProtocol": ["events reduced to actions by witting.actions; see docs/decisions/0005-dataset.md"],
        "rai:dataUseCases": [f"learning computer work, for the purpose {manifest.purpose}"],
        "rai:dataLimitations": [
            f"episodes to mind: {flags}",
            "not for judging people: no measure of performance, mood or attention can be drawn from it fairly",
            f"sessions by split: {parts}",
        ],
        "rai:dataBiases": ["people who opt in aren't a random sample of those who do the work"],
        "rai:personalSensitiveInformation": [sensitive],
        "rai:dataReleaseMaintenancePlan": (
            "people may take their sessions back at any time: the session's key is destroyed and a new version without it replaces this one"
            if not manifest.source
            else "follows its source"
        ),
    }
