"""`witting insight`: make the next release of a programme's figures about groups, and show what was released."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import json_option, progress_bar, show

if TYPE_CHECKING:
    from witting.terms.insight import GroupRelease, GroupStanding

_HUB = click.option(
    "--hub",
    "data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("hub-data"),
    show_default=True,
    help="The hub's folder.",
)


@click.group()
def insight() -> None:
    """Figures about groups: common ways, where people get stuck, what is worth automating. Never about a person.

    Everybody sees the same releases, on the hub's page /insight. There are no queries, and no release before its day.
    """


@insight.command()
@click.argument("programme_id")
@_HUB
@json_option
def release(programme_id: str, data: Path, *, as_json: bool) -> None:
    """Make the next release of PROGRAMME_ID's figures. It spends its part of the budget, and stays as it is."""
    import msgspec

    from witting.hub.hub import open_hub_at
    from witting.hub.insight.releasing import release as make_release

    with closing(open_hub_at(data)) as hub, progress_bar(is_shown=not as_json) as say:
        made = make_release(hub, programme_id, on_progress=lambda done, of: say("reading what is lent for it", done / of))
    show(msgspec.to_builtins(made), _text(made), as_json=as_json)


@insight.command("show")
@click.argument("programme_id")
@click.option("--number", type=click.IntRange(min=1), default=None, help="An earlier release; the newest when left out.")
@_HUB
@json_option
def show_(programme_id: str, data: Path, *, number: int | None, as_json: bool) -> None:
    """Show a release of PROGRAMME_ID's figures and what the next one can be."""
    import msgspec

    from witting.hub.hub import open_hub_at
    from witting.hub.insight.shown import show as what_is_shown
    from witting.terms.errors import UsageError
    from witting.terms.insight import GroupRelease

    with closing(open_hub_at(data)) as hub:
        found = what_is_shown(hub, programme_id)
    made = [msgspec.json.decode(one.release, type=GroupRelease) for one in found.releases]
    one = next((each for each in made if number in {None, each.number}), None)
    if number is not None and one is None:
        message = f"there is no release {number}"
        raise UsageError(message, hint=f"there are {len(made)} releases of this programme")
    answer = {"standing": msgspec.to_builtins(found.standing), "release": msgspec.to_builtins(one)}
    text = "\n".join(filter(None, [_text(one) if one else "Nothing was released so far.", _standing(found.standing)]))
    show(answer, text, as_json=as_json)


def _text(made: "GroupRelease") -> str:
    """Return a release in lines."""
    from witting.terms.insight import TITLES

    lines = [
        f"Release {made.number} of at most {made.releases_in_all}, of {made.released_on}",
        f"shown is only what about {made.smallest} or more people share; a count is off by up to {made.off_by}, in 95 of 100 cases",
        f"budget: spent {made.epsilon:.2f} of {made.epsilon_in_all:g}",
    ]
    for figure in made.figures:
        lines += ["", TITLES[figure.kind][0]]
        for row in figure.rows:
            many = ("yes" if row.low else "not shown") if figure.kind == "listed" else f"about {row.people} ({row.low} to {row.high})"
            lines += [f"  {' · '.join(row.what)}: {many}", *([f"    {row.then}"] if row.then else [])]
        lines += [] if figure.rows else ["  nothing is shared by enough people to be shown"]
    return "\n".join(lines)


def _standing(standing: "GroupStanding") -> str:
    """Return what the next release can be, in one line."""
    when = f"Next: on {standing.next_on} or later; {standing.releases_left} left. " if standing.next_on else "Next: none. "
    return when + standing.why
