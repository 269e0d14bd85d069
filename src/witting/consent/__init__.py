"""Consent: programme files, notices, receipts, and the gate that every other room asks. Import from the submodules by name."""
