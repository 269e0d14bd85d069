"""Law packs: what one law asks of a programme, as rows of data. Import from the submodules by name."""
