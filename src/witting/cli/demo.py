"""`witting demo`: the whole way once, on this machine, with synthetic people; what `make demo` runs."""

from pathlib import Path

import click


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True, help="Folder, made anew.")
@click.option("--episodes", type=click.IntRange(5), default=25, show_default=True, help="Episodes each person plays.")
@click.option("--live-episodes", type=click.IntRange(5), default=50, show_default=True, help="Live episodes per task and agent.")
@click.option("--seed", type=int, default=41, show_default=True, help="First seed of what they play.")
@click.option("--json", "as_json", is_flag=True, help="Print the checks and figures as JSON at the end; the story goes to standard error.")
def demo(out: Path, *, episodes: int, live_episodes: int, seed: int, as_json: bool) -> None:
    """Tell the whole story on real parts: opt in, work, review, send, train, evaluate live, leave. Ends in OUT/report.html.

    Exit status 1, with the check named, if anything that is claimed doesn't hold.
    """
    from rich.console import Console

    from witting.demo.story import Size, stop_leftovers, tell

    size = Size(episodes=episodes, live_episodes=live_episodes, first_seed=seed)
    try:
        tell(out, Console(stderr=as_json), size=size)
    except KeyboardInterrupt:
        stop_leftovers()
        raise
    finally:
        report = out / "report.json"
        if as_json and report.exists():
            print(report.read_text())
