"""Datasets: sealed sessions → steps in a Lance dataset with a manifest of digests; released again without whoever leaves."""

from witting.lab.dataset.build import BuildOptions, Permits, SessionSource, build
from witting.lab.dataset.check import check
from witting.lab.dataset.lent import Gate, LentDataset, open_lent
from witting.lab.dataset.manifest import Difference, difference, read_manifest
from witting.lab.dataset.reader import Dataset, open_dataset
from witting.lab.dataset.release import release_without

__all__ = [
    "BuildOptions",
    "Dataset",
    "Difference",
    "Gate",
    "LentDataset",
    "Permits",
    "SessionSource",
    "build",
    "check",
    "difference",
    "open_dataset",
    "open_lent",
    "read_manifest",
    "release_without",
]
