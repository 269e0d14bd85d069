"""The words of witting: frozen types without I/O, and the errors. Import from the submodules by name."""
