"""Scores the model of words over folds of the templates it may learn from: settings are chosen by this, never by the unread part."""

import random
import tempfile
from pathlib import Path
from typing import Any

from bench_privacy import score, witting_judge
from build_crf import train
from witting.device.privacy import detectors
from witting.device.privacy.tagger import Tagger


def cross_validate(samples: list[dict[str, Any]], folds: int) -> None:
    """Train on all folds but one, score on that one, print the means."""
    templates = sorted({sample["template_id"] for sample in samples})
    random.Random(1).shuffle(templates)
    totals: dict[str, dict[str, float]] = {"strict": {}, "balanced": {}}
    with tempfile.TemporaryDirectory() as folder:
        for fold in range(folds):
            left_out = set(templates[fold::folds])
            model = Path(folder) / f"{fold}.crfsuite"
            train([sample for sample in samples if sample["template_id"] not in left_out], model)
            detectors.load_tagger = lambda model=model: Tagger(model.read_bytes())
            rest = [sample for sample in samples if sample["template_id"] in left_out]
            for posture, total in totals.items():
                for key, value in score(rest, witting_judge(posture)).items():
                    total[key] = total.get(key, 0.0) + value * len(rest) / len(samples)
    for posture, total in totals.items():
        print(posture, {key: round(value, 1) for key, value in total.items()})
