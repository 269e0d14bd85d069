"""Audit: checks that trust nothing, the search for leaks, and what a report is made of. Import from the submodules by name."""
