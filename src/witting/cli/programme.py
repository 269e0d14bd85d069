"""`witting programme`: write a programme file, check it, read its notice, invite people."""

from pathlib import Path

import click


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
    """List what FILE must still tell people, and what is doubtful, each with the law it rests on."""
    import msgspec

    from witting.consent.programme import check_programme, load_programme, programme_digest
    from witting.terms.errors import ProgrammeError

    found = load_programme(file)
    problems = check_programme(found)
    missing = [problem for problem in problems if problem.is_missing]
    lines = [f"{'missing ' if each.is_missing else 'doubtful'}  {each.field} {each.message} ({each.citation})" for each in problems]
    if not missing:
        lines.append(f"{found.title}, version {found.version}: the notice can be made. Digest {programme_digest(found)}")
    data = {
        "programme_id": found.id,
        "version": found.version,
        "digest": programme_digest(found),
        "is_complete": not missing,
        "problems": msgspec.to_builtins(problems),
    }
    _show(data, "\n".join(lines), as_json=as_json)
    if missing:
        message = f"{file.name} doesn't say all that people must be told: {len(missing)} missing"
        raise ProgrammeError(message, hint="fill in what is listed; until then no notice can be made and nobody can be asked")


@programme.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--html", "as_html", is_flag=True, help="Print HTML instead of markdown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def notice(file: Path, as_html: bool, as_json: bool) -> None:
    """Print the notice that people will read, made from FILE."""
    import msgspec

    from witting.consent.notice import make_notice
    from witting.consent.programme import load_programme
    from witting.consent.reading import reading_grade

    made = make_notice(load_programme(file))
    data = {**msgspec.structs.asdict(made), "reading_grade": round(reading_grade(made.markdown), 1)}
    _show(data, (made.html if as_html else made.markdown).rstrip("\n"), as_json=as_json)


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


def _show(data: dict[str, object], text: str, *, as_json: bool) -> None:
    """Print `data` as JSON, or the text."""
    import msgspec

    print(msgspec.json.encode(data).decode() if as_json else text)
