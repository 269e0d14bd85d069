"""The hub's routes for machines: each handler reads its arguments, calls one function of a room and encodes the answer.

Knows nothing of policies: `access.check_access` has run before. Bodies and answers are JSON by msgspec.
"""

from collections.abc import Sequence

import msgspec
from litestar import Response, get, post, put
from litestar.datastructures import State
from litestar.params import FromPath, FromQuery, RawBody

from witting.hub.database import reading
from witting.hub.door import consent, deeds, enquiring, offers, uploads, withdrawals
from witting.hub.door.access import read_signed
from witting.hub.hub import Hub
from witting.hub.insight.shown import show
from witting.hub.invitations import invite
from witting.hub.log_store import SqlLogStore
from witting.hub.vault import lineage
from witting.ledger.log import HASH_BYTES, Log
from witting.ledger.log.tiles import TILE_WIDTH, pack_entries, parse_tile
from witting.terms.errors import UsageError

MAX_STATEMENT_BYTES = 4 * 1024 * 1024


@get("/v1/offer/{invite:str}", opt={"action": "read_offer"}, sync_to_thread=True)
def get_offer(invite: FromPath[str], state: State) -> Response[bytes]:
    """Return what an invitation opens."""
    return _json(offers.read_offer(_hub(state), invite))


@post("/v1/consent", opt={"action": "give_consent"}, sync_to_thread=True, request_max_body_size=MAX_STATEMENT_BYTES, status_code=200)
def post_consent(body: RawBody, state: State) -> Response[bytes]:
    """Take a signed ConsentStatement; return a ConsentAnswer."""
    return _json(consent.give_consent(_hub(state), read_signed(body)))


@post("/v1/uploads", opt={"action": "open_upload"}, sync_to_thread=True, request_max_body_size=MAX_STATEMENT_BYTES, status_code=200)
def post_upload(body: RawBody, state: State) -> Response[bytes]:
    """Take a signed UploadIntent; return an UploadState."""
    return _json(uploads.open_upload(_hub(state), read_signed(body)))


@put("/v1/uploads/{upload_id:str}/objects/{digest:str}", opt={"action": "put_object"}, sync_to_thread=True, status_code=204)
def put_object(upload_id: FromPath[str], digest: FromPath[str], *, body: RawBody, state: State) -> None:
    """Take one sealed object."""
    uploads.put_object(_hub(state), upload_id, digest=digest, data=body)


@post("/v1/uploads/{upload_id:str}/commit", opt={"action": "commit_upload"}, sync_to_thread=True, status_code=200)
def post_commit(upload_id: FromPath[str], state: State) -> Response[bytes]:
    """Store a complete parcel; return a ParcelAnswer."""
    return _json(uploads.commit_upload(_hub(state), upload_id))


@post("/v1/withdrawals", opt={"action": "withdraw"}, sync_to_thread=True, request_max_body_size=MAX_STATEMENT_BYTES, status_code=200)
def post_withdrawal(body: RawBody, state: State) -> Response[bytes]:
    """Take a signed Withdrawal; return a WithdrawalAnswer."""
    return _json(withdrawals.withdraw(_hub(state), read_signed(body)))


@post("/v1/deeds", opt={"action": "show_deeds"}, sync_to_thread=True, request_max_body_size=MAX_STATEMENT_BYTES, status_code=200)
def post_deeds(body: RawBody, state: State) -> Response[bytes]:
    """Take a signed DeedsRequest; return a DeedsAnswer."""
    return _json(deeds.show_deeds(_hub(state), read_signed(body)))


@post("/v1/enquiries", opt={"action": "file_enquiry"}, sync_to_thread=True, request_max_body_size=MAX_STATEMENT_BYTES, status_code=200)
def post_enquiry(body: RawBody, state: State) -> Response[bytes]:
    """Take a signed Enquiry; return an EnquiryShown with its public number."""
    return _json(enquiring.take_enquiry(_hub(state), read_signed(body)))


@post(
    "/v1/enquiries/mine", opt={"action": "show_enquiries"}, sync_to_thread=True, request_max_body_size=MAX_STATEMENT_BYTES, status_code=200
)
def post_enquiries(body: RawBody, state: State) -> Response[bytes]:
    """Take a signed EnquiriesRequest; return an EnquiriesAnswer."""
    return _json(enquiring.show_enquiries(_hub(state), read_signed(body)))


@get("/v1/log/checkpoint", opt={"action": "read_checkpoint"}, sync_to_thread=True)
def get_checkpoint(state: State) -> Response[bytes]:
    """Return the signed checkpoint (C2SP tlog-checkpoint)."""
    hub = _hub(state)
    with reading(hub.engine) as connection:
        return Response(hub.journal.checkpoint(connection).encode(), media_type="text/plain; charset=utf-8")


@get("/v1/log/tile/{level:str}/{name:path}", opt={"action": "read_tile"}, sync_to_thread=True)
def get_tile(level: FromPath[str], name: FromPath[str], *, state: State) -> Response[bytes]:
    """Return a tile of hashes, or with the level "entries" a bundle of entries, as C2SP tlog-tiles names them."""
    named = parse_tile(level, str(name).removeprefix("/"))
    with reading(_hub(state).engine) as connection:
        data = b"" if named is None else _tile(SqlLogStore(connection), level, named=named)
    if not data:
        raise UsageError("the log has no such tile", hint="ask for tiles below the size of the newest checkpoint, the last as .p/WIDTH")
    return Response(data, media_type="application/octet-stream")


def _tile(store: SqlLogStore, level: str, *, named: tuple[int, int]) -> bytes:
    """Return a tile or bundle up to the width named; empty when it isn't filled that far."""
    index, width = named
    if level == "entries":
        entries = store.entries(index * TILE_WIDTH, width)
        return pack_entries(entries) if len(entries) == width else b""
    data = store.tile((int(level), index))[: width * HASH_BYTES]
    return data if len(data) == width * HASH_BYTES else b""


@get("/v1/log/proof/{index:int}", opt={"action": "read_proof"}, sync_to_thread=True)
def get_proof(index: FromPath[int], state: State) -> Response[bytes]:
    """Return the LogProof of an entry; what the entry says stays closed."""
    hub = _hub(state)
    with reading(hub.engine) as connection:
        if not 0 <= index < SqlLogStore(connection).size():
            raise UsageError("the log has no such entry", hint="ask for an index below the size of the newest checkpoint")
        return _json(hub.journal.prove(connection, index))


@get("/v1/log/consistency/{old:int}/{new:int}", opt={"action": "read_consistency"}, sync_to_thread=True)
def get_consistency(old: FromPath[int], new: FromPath[int], *, state: State) -> Response[bytes]:
    """Return the proof that the log of `old` entries is the start of that of `new`."""
    with reading(_hub(state).engine) as connection:
        return _json(Log(SqlLogStore(connection)).consistency_proof(old, new))


@post("/v1/programmes/{programme_id:str}/invitations", opt={"action": "invite"}, sync_to_thread=True, status_code=200)
def post_invitations(programme_id: FromPath[str], count: FromQuery[int], *, state: State) -> Response[bytes]:
    """Make `count` invitations; return their links, which are shown nowhere again."""
    return _json(invite(_hub(state), programme_id, count=count))


@get("/v1/datasets/{dataset_id:str}", opt={"action": "read_manifest"}, sync_to_thread=True)
def get_manifest(dataset_id: FromPath[str], state: State) -> Response[bytes]:
    """Return the manifest of a dataset version."""
    with reading(_hub(state).engine) as connection:
        return _json(_named(lineage.manifests(connection), "dataset_id", name=dataset_id))


@get("/v1/models/{model_id:str}", opt={"action": "read_card"}, sync_to_thread=True)
def get_card(model_id: FromPath[str], state: State) -> Response[bytes]:
    """Return the card of a model."""
    with reading(_hub(state).engine) as connection:
        return _json(_named(lineage.model_cards(connection), "model_id", name=model_id))


@get("/v1/insight/{programme_id:str}", opt={"action": "read_insight"}, sync_to_thread=True)
def get_insight(programme_id: FromPath[str], state: State) -> Response[bytes]:
    """Return the InsightShown of a programme: the same for everybody."""
    return _json(show(_hub(state), programme_id))


HANDLERS = (
    get_offer, post_consent, post_upload, put_object, post_commit, post_withdrawal, post_deeds, post_enquiry, post_enquiries,
    get_checkpoint, get_tile, get_proof, get_consistency, post_invitations, get_manifest, get_card, get_insight,
)  # fmt: skip


def _hub(state: State) -> Hub:
    hub: Hub = state.hub
    return hub


def _json(answer: object) -> Response[bytes]:
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _named(found: Sequence[msgspec.Struct], field: str, *, name: str) -> msgspec.Struct:
    for one in found:
        if getattr(one, field) == name:
            return one
    raise UsageError("the hub knows nothing of that name", hint="the page /datasets lists what there is")
