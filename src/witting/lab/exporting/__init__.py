"""Exports: a dataset version → what other labs' tools read, with the receipts it rests on beside it."""

from witting.lab.exporting.formats import FORMATS, check_form, export

__all__ = ["FORMATS", "check_form", "export"]
