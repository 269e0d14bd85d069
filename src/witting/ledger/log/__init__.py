"""The Merkle log: tree hashes and proofs (RFC 6962), tiles, signed checkpoints (C2SP), entries that are salted commitments."""

from witting.ledger.log.checkpoint import (
    Checkpoint,
    checkpoint,
    claimed,
    cosign,
    cosigner_key,
    open_checkpoint,
    open_cosignature,
    open_note,
    sign_note,
    verifier_key,
    verify_proof,
)
from witting.ledger.log.entries import commit_entry, new_salt, open_entry
from witting.ledger.log.export import FolderLogStore, write_export
from witting.ledger.log.offline import verify_offline
from witting.ledger.log.opened import Opening, Said, open_proof, read_opening
from witting.ledger.log.proof_file import PROOF_SUFFIX, read_proof, write_proof
from witting.ledger.log.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
    verify_subtree_consistency,
    verify_subtree_inclusion,
)
from witting.ledger.log.store import Log, LogStore, MemoryLogStore, TileId, check_store
from witting.ledger.log.tree import EMPTY_ROOT, HASH_BYTES, leaf_hash, node_hash, root_of

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "PROOF_SUFFIX",
    "Checkpoint",
    "FolderLogStore",
    "Log",
    "LogStore",
    "MemoryLogStore",
    "Opening",
    "Said",
    "TileId",
    "check_store",
    "checkpoint",
    "claimed",
    "commit_entry",
    "consistency_proof",
    "cosign",
    "cosigner_key",
    "inclusion_proof",
    "leaf_hash",
    "new_salt",
    "node_hash",
    "open_checkpoint",
    "open_cosignature",
    "open_entry",
    "open_note",
    "open_proof",
    "read_opening",
    "read_proof",
    "root_of",
    "sign_note",
    "verifier_key",
    "verify_consistency",
    "verify_inclusion",
    "verify_offline",
    "verify_proof",
    "verify_subtree_consistency",
    "verify_subtree_inclusion",
    "write_export",
    "write_proof",
]
