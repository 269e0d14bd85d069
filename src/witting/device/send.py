"""The one way out of the device, and the only module on it that reaches the network.

It sends statements the participant signed and parcels the participant reviewed, to the one hub of the invitation, over the routes listed
in `ROUTES`; it sends nothing else and nothing on its own. Bodies and answers are JSON by msgspec, sealed objects are raw bytes.
Invariant: an upload that breaks off anywhere can be called again, and only what the hub still lacks is sent.
"""

import ipaddress
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from witting import __version__
from witting.terms.errors import (
    HubUnreachableError,
    IntegrityError,
    LeakFoundError,
    NoConsentError,
    NoticeChangedError,
    StoreLockedError,
    UsageError,
    WittingError,
)
from witting.terms.hub import (
    ConsentAnswer,
    DeedsAnswer,
    EnquiriesAnswer,
    EnquiryShown,
    LogProof,
    ParcelAnswer,
    ProgrammeOffer,
    UploadState,
    WithdrawalAnswer,
)
from witting.terms.insight import InsightShown
from witting.terms.session import Signed

ROUTES = (
    "GET /v1/offer/{invite}",
    "POST /v1/consent",
    "POST /v1/uploads",
    "PUT /v1/uploads/{id}/objects/{digest}",
    "POST /v1/uploads/{id}/commit",
    "POST /v1/withdrawals",
    "POST /v1/deeds",
    "POST /v1/enquiries",
    "POST /v1/enquiries/mine",
    "GET /v1/insight/{programme}",
    "GET /v1/log/checkpoint",
    "GET /v1/log/proof/{index}",
    "GET /v1/log/consistency/{old}/{new}",
)
"""Every request this device can make; the threat model lists the same."""

_T = TypeVar("_T")
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_KINDS: tuple[type[WittingError], ...] = (
    UsageError,
    NoConsentError,
    NoticeChangedError,
    LeakFoundError,
    StoreLockedError,
    IntegrityError,
    HubUnreachableError,
)
_BY_EXIT_CODE = {kind.exit_code: kind for kind in _KINDS}
_KEPT = "what was to be sent is kept; try again later, it goes on where it stopped"


class _Problem(msgspec.Struct):
    """How a hub says no."""

    error: str
    hint: str = ""
    exit_code: int = 1


class HubClient:
    """The routes of one hub. `client` replaces the network in tests.

    Every method raises HubUnreachableError when the hub can't be reached or is out of order, and otherwise the error the hub names.

    Raises:
        UsageError: the address is no https one (http is for this machine's own hub only).
    """

    def __init__(self, base_url: str, *, client: httpx.Client | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        is_local = _is_loopback(self.base_url)
        if client is None and not is_local and not self.base_url.startswith("https://"):
            raise UsageError("a hub elsewhere is reached by https only", hint="ask whoever invited you for an https link")
        self._client = client or httpx.Client(timeout=_TIMEOUT, trust_env=not is_local, headers={"user-agent": f"witting/{__version__}"})

    def offer(self, invite: str) -> ProgrammeOffer:
        """Return what an invitation opens."""
        return self._ask("GET", f"/v1/offer/{_segment(invite)}", answer=ProgrammeOffer)

    def consent(self, signed: Signed) -> ConsentAnswer:
        """Hand in a signed ConsentStatement; returns the receipt and its log proof."""
        return self._ask("POST", "/v1/consent", answer=ConsentAnswer, body=msgspec.json.encode(signed))

    def upload(self, intent: Signed, read_object: Callable[[str], bytes], *, on_sent: Callable[[int], None] | None = None) -> ParcelAnswer:
        """Send a parcel: ask what is missing, send only that, commit; called again it goes on where it stopped.

        `read_object` returns the sealed bytes of a digest; `on_sent` is told the size of each object sent.
        """
        state = self._ask("POST", "/v1/uploads", answer=UploadState, body=msgspec.json.encode(intent))
        upload = f"/v1/uploads/{_segment(state.upload_id)}"
        for digest in state.missing:
            data = read_object(digest)
            self._request("PUT", f"{upload}/objects/{_segment(digest)}", body=data, kind="application/octet-stream")
            if on_sent is not None:
                on_sent(len(data))
        return self._ask("POST", f"{upload}/commit", answer=ParcelAnswer, body=b"")

    def withdraw(self, signed: Signed) -> WithdrawalAnswer:
        """Hand in a signed Withdrawal; returns the signed deletion receipt and the log proof."""
        return self._ask("POST", "/v1/withdrawals", answer=WithdrawalAnswer, body=msgspec.json.encode(signed))

    def deeds(self, signed: Signed) -> DeedsAnswer:
        """Ask, with a signed DeedsRequest, for everything that was done with one's data; returns it with proofs."""
        return self._ask("POST", "/v1/deeds", answer=DeedsAnswer, body=msgspec.json.encode(signed))

    def enquire(self, signed: Signed) -> EnquiryShown:
        """Hand in a signed Enquiry; returns it with its public number, the day it is due, and the proof."""
        return self._ask("POST", "/v1/enquiries", answer=EnquiryShown, body=msgspec.json.encode(signed))

    def enquiries(self, signed: Signed) -> EnquiriesAnswer:
        """Ask, with a signed EnquiriesRequest, for everything one asked or filed; returns it with its answers and proofs."""
        return self._ask("POST", "/v1/enquiries/mine", answer=EnquiriesAnswer, body=msgspec.json.encode(signed))

    def insight(self, programme_id: str) -> InsightShown:
        """Return the figures about groups that everybody in a programme sees; nothing of this person is sent for them."""
        return self._ask("GET", f"/v1/insight/{_segment(programme_id)}", answer=InsightShown)

    def checkpoint(self) -> str:
        """Return the log's present signed checkpoint."""
        return self._request("GET", "/v1/log/checkpoint").decode()

    def proof(self, index: int) -> LogProof:
        """Return the proof of a log entry under the present checkpoint."""
        return self._ask("GET", f"/v1/log/proof/{index}", answer=LogProof)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the log of `old` entries is the beginning of that of `new`."""
        return self._ask("GET", f"/v1/log/consistency/{old}/{new}", answer=tuple[bytes, ...])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _ask(self, method: str, path: str, *, answer: type[_T], body: bytes | None = None) -> _T:
        """Send a request and return its decoded answer."""
        data = self._request(method, path, body=body)
        try:
            return msgspec.json.decode(data, type=answer)
        except msgspec.MsgspecError:
            raise HubUnreachableError("the hub's answer can't be read; it may be of another version", hint=_KEPT) from None

    def _request(self, method: str, path: str, *, body: bytes | None = None, kind: str = "application/json") -> bytes:
        headers = {"accept": "application/json"} if body is None else {"accept": "application/json", "content-type": kind}
        try:
            answer = self._client.request(method, self.base_url + path, content=body, headers=headers)
        except httpx.HTTPError as error:
            message = f"the hub can't be reached ({type(error).__name__})"
            raise HubUnreachableError(message, hint=_KEPT) from None
        if not answer.is_success:
            raise _refusal(answer)
        return answer.content


def _refusal(answer: httpx.Response) -> WittingError:
    """Return the error that the hub's problem JSON names; anything else counts as a hub out of order."""
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except msgspec.MsgspecError:
        problem = None
    if problem is None or problem.exit_code not in _BY_EXIT_CODE:
        message = f"the hub is out of order (HTTP {answer.status_code})"
        return HubUnreachableError(message, hint=_KEPT)
    return _BY_EXIT_CODE[problem.exit_code](problem.error, hint=problem.hint)


def _segment(text: str) -> str:
    """Return `text` as one segment of a path.

    Raises:
        UsageError: it isn't one.
    """
    if not text or not all(character.isascii() and (character.isalnum() or character in "-_") for character in text):
        raise UsageError("an invitation, upload or object has a name that can't be one", hint="check the link for missing characters")
    return text


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
