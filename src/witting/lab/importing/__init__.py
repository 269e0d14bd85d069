"""Imports: what other recorders and benchmarks wrote → sessions in witting's words, in datasets marked with where they come from."""

from witting.lab.importing.formats import FORMATS, importer
from witting.lab.importing.imported import Found, ImportedSession, Problem, Source
from witting.lab.importing.store import import_dataset

__all__ = ["FORMATS", "Found", "ImportedSession", "Problem", "Source", "import_dataset", "importer"]
