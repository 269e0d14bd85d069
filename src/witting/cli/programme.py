"""`witting programme`: write a programme file, check it, compare versions, read its notice, write its papers, invite people."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from witting.consent.duties import Problem
    from witting.consent.reading import Reading


@click.group()
def programme() -> None:
    """Write, check and show programmes; invite people into one."""


@programme.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def new(file: Path, as_json: bool) -> None:
    """Write a complete example to FILE, to be changed into yours."""
    from witting.consent.programme import write_template

    write_template(file)
    _show({"file": str(file)}, f"wrote {file}\nNext: change it, then `witting programme check {file}`.", as_json=as_json)


@programme.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(file: Path, as_json: bool) -> None:
    """List what FILE must still tell people, and what is doubtful, pack by pack, each with the law it rests on."""
    from datetime import UTC, datetime

    import msgspec

    from witting.consent.duties import check_packs, check_programme
    from witting.consent.notice import make_notice
    from witting.consent.programme import load_programme, programme_digest
    from witting.terms.errors import ProgrammeError

    found = load_programme(file)
    problems = check_programme(found)
    reports = check_packs(found, on=datetime.now(UTC).date())
    missing = [problem for problem in problems if problem.is_missing]
    lines = [_line(each) for each in problems]
    for report in reports:
        own = sum(problem.is_missing for problem in report.problems)
        lines.append(f"{report.pack:<14}{report.title}: {f'{own} missing' if own else 'nothing missing'}")
        lines += [f"              {_line(each)}" for each in report.problems if each not in problems]
        lines += [f"              note: {note}" for note in report.notes]
    made = None if missing else make_notice(found)
    if made is not None:
        lines.append(f"Reading: {_reading(made.reading)}")
        lines.append(f"{found.title}, version {found.version}: the notice can be made. Digest {programme_digest(found)}")
    data = {
        "programme_id": found.id,
        "version": found.version,
        "digest": programme_digest(found),
        "is_complete": not missing,
        "problems": msgspec.to_builtins(problems),
        "packs": msgspec.to_builtins(reports),
        "reading": msgspec.to_builtins(made.reading) if made else None,
    }
    _show(data, "\n".join(lines), as_json=as_json)
    if missing:
        message = f"{file.name} doesn't say all that people must be told: {len(missing)} missing"
        raise ProgrammeError(message, hint="fill in what is listed; until then no notice can be made and nobody can be asked")


@programme.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Say in plain words what changed from OLD to NEW, and whom each change obliges to ask again."""
    import msgspec

    from witting.consent.changes import changes
    from witting.consent.programme import load_programme, programme_digest

    before, after = load_programme(old), load_programme(new)
    found = changes(before, after)
    is_stopping = programme_digest(before) != programme_digest(after)
    told = {"everyone": "ask everyone", "who lends it": "ask who lends", "nobody": "ask nobody"}
    lines = [f"{told[change.asks]:<15}{change.message}" for change in found]
    lines.append("With the new version in force all recording stops until each person has answered." if is_stopping else "Nothing changed.")
    if is_stopping and after.version <= before.version:
        lines.append(f"The hub will refuse it: its `version` must be higher than {before.version}.")
    data = {"changes": msgspec.to_builtins(found), "stops_recording": is_stopping, "is_newer": after.version > before.version}
    _show(data, "\n".join(lines), as_json=as_json)


@programme.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("event")
@click.option("--since", metavar="DATE", help="When it happened, YYYY-MM-DD; today where left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def deadlines(file: Path, event: str, since: str | None, as_json: bool) -> None:
    """Tell what is due after EVENT, such as request_received or breach_known, by the law packs that FILE is under."""
    from datetime import UTC, datetime

    import msgspec

    from witting.consent.deadlines import deadlines_of, event_day, event_named
    from witting.consent.packs.combining import combine
    from witting.consent.packs.loading import packs_of
    from witting.consent.programme import load_programme

    found, now = load_programme(file), datetime.now(UTC)
    started = event_day(since) if since else now
    rows = combine(packs_of(found)).deadlines
    due = deadlines_of(rows, event_named(event), started_at=started, place=found.jurisdiction)
    said = {row.id: row.says for row in rows}
    lines = [
        f"{each.state(now):<10}{each.due_at:%Y-%m-%d %H:%M}  {said[each.row]} ({each.citation}) By {each.work_by} at work." for each in due
    ]
    data: dict[str, object] = {"deadlines": [{**msgspec.to_builtins(each), "state": each.state(now)} for each in due]}
    _show(data, "\n".join(lines) or "No law pack of this programme sets a deadline for that.", as_json=as_json)


@programme.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def packs(as_json: bool) -> None:
    """List the law packs: where each holds, what it is, how many rows it has."""
    import msgspec

    from witting.consent.packs.loading import load_packs

    known = load_packs().values()
    where = {pack.id: ", ".join(pack.jurisdictions).replace("*", "everywhere") or "only where named" for pack in known}
    lines = [f"{pack.id:<14}{pack.title} ({pack.status}, {where[pack.id]}): {len(pack.rows)} rows" for pack in known]
    _show({"packs": msgspec.to_builtins(list(known))}, "\n".join(lines), as_json=as_json)


@programme.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--html", "as_html", is_flag=True, help="Print HTML instead of markdown.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Write it to this folder as markdown, HTML and PDF, with their hashes."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def notice(file: Path, as_html: bool, out: Path | None, as_json: bool) -> None:
    """Print the notice that people will read, made from FILE, or write it to a folder."""
    import msgspec

    from witting.consent.notice import make_notice
    from witting.consent.papers import notice_files, write_files
    from witting.consent.programme import load_programme

    found = load_programme(file)
    made = make_notice(found)
    if out is not None:
        hashes = write_files(notice_files(found, made), out)
        lines = [f"{digest}  {out / name}" for name, digest in hashes.items()]
        lines.append(f"Reading: {_reading(made.reading)}")
        _show({"files": hashes, "digest": made.digest, "reading": msgspec.to_builtins(made.reading)}, "\n".join(lines), as_json=as_json)
        return
    data = {**msgspec.to_builtins(made), "reading_grade": made.reading.grade}
    _show(data, (made.html if as_html else made.markdown).rstrip("\n"), as_json=as_json)


@programme.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder to write to.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def papers(file: Path, out: Path, as_json: bool) -> None:
    """Write drafts of the papers that FILE asks for: impact assessment, record of processing, annex to the agreement, release."""
    from witting.consent.papers import CLOSE, paper_files, write_files
    from witting.consent.programme import load_programme

    files = paper_files(load_programme(file))
    hashes = write_files(files, out)
    still_open = {name: content.decode().count(CLOSE) for name, content in files.items() if name.endswith(".md")}
    lines = [f"{out / name}: {count} places that only a person can fill in" for name, count in still_open.items()]
    _show({"files": hashes, "open": still_open}, "\n".join(lines), as_json=as_json)


@programme.command()
@click.argument("programme_id")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=Path("hub-data"), show_default=True, help="The hub's folder."
)
@click.option("--count", type=click.IntRange(min=1), default=1, show_default=True, help="How many links.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def invite(programme_id: str, data: Path, count: int, as_json: bool) -> None:
    """Make links into PROGRAMME_ID; each works once, and nobody sees who opens or refuses one."""
    from witting.hub import invitations

    links = invitations.create(data, programme_id, count=count)
    _show({"links": links}, "\n".join(links), as_json=as_json)


def _reading(reading: "Reading") -> str:
    """Return how hard a notice is to read, against the most it should be."""
    from witting.consent.reading import HARDEST

    verdict = "as it should be" if reading.grade <= HARDEST else f"harder than it should be ({HARDEST:g}): use shorter words and sentences"
    return f"{reading.grade:g} school years ({reading.index}), {verdict}"


def _line(problem: "Problem") -> str:
    """Return a problem as one line."""
    kind = "missing " if problem.is_missing else "doubtful"
    return f"{kind}  {problem.field} {problem.message} ({problem.citation})"


def _show(data: dict[str, object], text: str, *, as_json: bool) -> None:
    """Print `data` as JSON, or the text."""
    import msgspec

    print(msgspec.json.encode(data).decode() if as_json else text)
