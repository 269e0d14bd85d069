"""The researchers' side: datasets from the vault, policies from datasets, live evaluation, and unlearning that can be checked."""
