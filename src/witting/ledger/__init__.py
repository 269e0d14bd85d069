"""Keys, signatures, seals, pseudonyms and the Merkle log. Import from the submodules by name."""
