"""The recordings on this machine, each as it would leave: list, session, picture, what a window said."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from witting.device.desk.desk import Line
from witting.device.desk.format import length, platform_note, removed_of, size, standing, when
from witting.device.desk.pages import Pages
from witting.device.desk.shown import THUMB_WIDTH_PX, Shown
from witting.device.desk.timeline import Row, clock
from witting.device.outbox import Outbox
from witting.terms.errors import UsageError
from witting.terms.review import DropRange, Mark, MaskRegion, SendSound

PICTURES_A_PAGE = 30
ROWS_A_PAGE = 150


@get("/sessions", sync_to_thread=True)
def see_sessions(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Response[str]:
    """List the recordings on this machine, newest first."""
    outbox = pages.desk.outbox()
    found, damaged = pages.desk.look_over()
    lines = [_line(one, outbox) for one in reversed(found)]
    here = {*(line["id"] for line in lines), *damaged}
    return pages.render(
        "sessions.html.j2",
        here="/sessions",
        told=request.query_params.get("told", ""),
        lines=lines,
        damaged=damaged,
        gone=[sent for sent in outbox.all_sent() if sent.parcel.session_id not in here],
        days=pages.desk.enrolment().programme.retention.spool_days,
    )


def _line(line: Line, outbox: Outbox) -> dict[str, str]:
    """Return what the list says of a session; of one that is still growing, no numbers yet."""
    info, summary = line.info, line.summary
    sent, waits = outbox.sent(info.session_id), outbox.is_waiting(info.session_id)
    state = standing(info, line.marks, sent=sent, is_waiting=waits)
    said = {"id": info.session_id, "when": when(info), "size": size(info.size_bytes), "state": state}
    if info.is_recording:
        return {**said, **dict.fromkeys(("length", "pictures", "texts"), "")}
    numbers = {"pictures": str(summary.pictures), "texts": str(summary.texts)}
    return {**said, "length": length(summary.ended_ns - summary.started_ns), **numbers}


@get("/sessions/{session_id:str}", sync_to_thread=True)
def see_session(request: Request[Any, Any, Any], pages: NamedDependency[Pages], *, session_id: FromPath[str]) -> Response[str]:
    """Show a recording as it would leave."""
    spool, outbox = pages.desk.enrolment().open_spool(), pages.desk.outbox()
    shown = pages.desk.show(session_id)
    sent = outbox.sent(session_id)
    picture_page, picture_pages = _page(request, "pictures", count=len(shown.pictures), per_page=PICTURES_A_PAGE)
    row_page, row_pages = _page(request, "rows", count=len(shown.rows), per_page=ROWS_A_PAGE)
    return pages.render(
        "session.html.j2",
        here="/sessions",
        told=request.query_params.get("told", ""),
        id=session_id,
        shown=shown,
        sent=sent,
        when=f"Recorded {when(shown.info)}",
        platform=platform_note(shown.info.header),
        state=standing(shown.info, spool.marks(session_id), sent=sent, is_waiting=outbox.is_waiting(session_id)).capitalize(),
        length=length(shown.summary.ended_ns - shown.summary.started_ns),
        version=version(shown),
        thumb_height=_thumb_height(shown),
        thumbs=_thumbs(shown, picture_page),
        picture_page=picture_page,
        picture_pages=picture_pages,
        rows=shown.rows[(row_page - 1) * ROWS_A_PAGE : row_page * ROWS_A_PAGE],
        row_page=row_page,
        row_pages=row_pages,
        marks=[(mark.mark_id, describe(mark, shown)) for mark in shown.marks],
        **removed_of(shown.summary),
    )


@get("/sessions/{session_id:str}/pictures/{number:int}", sync_to_thread=True)
def see_picture(pages: NamedDependency[Pages], session_id: FromPath[str], *, number: FromPath[int]) -> Response[str]:
    """Show one picture in full size, with the form that masks a part of it."""
    shown = pages.desk.show(session_id)
    frame = shown.picture(number)
    from_ns, to_ns = shown.while_shown(number)
    return pages.render(
        "picture.html.j2",
        here="/sessions",
        id=session_id,
        number=number,
        count=len(shown.pictures),
        frame=frame,
        time=clock(frame.timestamp_ns - shown.summary.started_ns),
        share=f"{frame.masked_share:.0%}",
        sent=pages.desk.outbox().sent(session_id),
        version=version(shown),
        picture_page=number // PICTURES_A_PAGE + 1,
        rows=[row for row in shown.rows if _is_within(row, max(from_ns, frame.timestamp_ns), to_ns=to_ns)],
    )


@get("/sessions/{session_id:str}/thumbs/{number:int}", sync_to_thread=True)
def read_thumb(pages: NamedDependency[Pages], session_id: FromPath[str], *, number: FromPath[int]) -> Response[bytes]:
    """Return a picture made small."""
    return Response(pages.desk.shelf.thumbnail(pages.desk.show(session_id), number), media_type="image/png")


@get("/sessions/{session_id:str}/full/{number:int}", sync_to_thread=True)
def read_full(pages: NamedDependency[Pages], session_id: FromPath[str], *, number: FromPath[int]) -> Response[bytes]:
    """Return a picture in full size."""
    return Response(pages.desk.shelf.full(pages.desk.show(session_id), number), media_type="image/png")


@get("/sessions/{session_id:str}/said/{number:int}", sync_to_thread=True)
def see_said(pages: NamedDependency[Pages], session_id: FromPath[str], *, number: FromPath[int]) -> Response[str]:
    """Show everything that a UI tree says as it would leave."""
    shown = pages.desk.show(session_id)
    if not 0 <= number < len(shown.trees):
        raise UsageError("there is no such tree in this session", hint="go back to the session's page")
    tree = shown.trees[number]
    time = clock(tree.timestamp_ns - shown.summary.started_ns)
    return pages.render("said.html.j2", here="/sessions", id=session_id, tree=tree, time=time, nodes=tree.nodes)


def version(shown: Shown) -> str:
    """Return what changes when the pictures do, so that a browser asks anew."""
    return shown.summary.content_digest[:12]


def describe(mark: Mark, shown: Shown) -> str:
    """Say what a mark does."""
    if isinstance(mark, MaskRegion):
        area, span = mark.area, _span(mark, shown)
        return f"Masked {area.width} by {area.height} pixels at {area.x}, {area.y}, {span}"
    if isinstance(mark, DropRange):
        return f"Took out everything, {_span(mark, shown)}"
    if isinstance(mark, SendSound):
        return f"The sound of the note at {clock(mark.timestamp_ns - shown.summary.started_ns)} leaves too"
    return "Not to leave"


def _span(mark: MaskRegion | DropRange, shown: Shown) -> str:
    start, end = shown.summary.started_ns, shown.summary.ended_ns
    if mark.from_ns <= start and mark.to_ns >= end:
        return "for the whole session"
    until = "the end" if mark.to_ns >= end else clock(mark.to_ns - start)
    return f"from {clock(mark.from_ns - start)} to {until}"


def _thumbs(shown: Shown, page: int) -> list[tuple[int, str, str]]:
    first = (page - 1) * PICTURES_A_PAGE
    return [
        (first + offset, clock(frame.timestamp_ns - shown.summary.started_ns), f"{frame.masked_share:.0%}")
        for offset, frame in enumerate(shown.pictures[first : first + PICTURES_A_PAGE])
    ]


def _thumb_height(shown: Shown) -> int:
    """Return the height of thumbnails, so that the page doesn't jump while they load."""
    frame = shown.pictures[0] if shown.pictures else None
    return round(THUMB_WIDTH_PX * frame.height_px / max(1, frame.width_px)) if frame else 0


def _is_within(row: Row, from_ns: int, *, to_ns: int) -> bool:
    return row.kind not in {"picture", "begin", "end"} and row.from_ns <= to_ns and from_ns <= row.to_ns


def _page(request: Request[Any, Any, Any], name: str, *, count: int, per_page: int) -> tuple[int, int]:
    """Return the page that the address asks for, within those there are, and how many there are."""
    pages = max(1, -(-count // per_page))
    asked = request.query_params.get(name, "1")
    return min(max(1, int(asked) if asked.isdecimal() else 1), pages), pages


HANDLERS = (see_sessions, see_session, see_picture, read_thumb, read_full, see_said)
