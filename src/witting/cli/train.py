"""`witting train`: a policy from a dataset."""

import sys
from pathlib import Path

import click

from witting.cli.asking import gate_for, hub_option

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("out", type=_FOLDER)
@click.option("--seed", type=int, default=0, show_default=True, help="The same dataset and seed give the same weights, bit for bit.")
@click.option("--without", multiple=True, metavar="SESSION", help="Learn nothing from a session; may be repeated.")
@click.option("--replaces", type=click.Path(path_type=Path, file_okay=False, exists=True), help="The policy that this one replaces.")
@hub_option
@click.option("--json", "as_json", is_flag=True, help="Print the model card as JSON.")
def train(dataset: Path, out: Path, *, seed: int, without: tuple[str, ...], replaces: Path | None, hub_data: Path, as_json: bool) -> None:
    """Train a policy on DATASET and write it into OUT: network, weights, and a card that names every session it learnt from.

    The hub is asked whether every session is lent now, and the policy is entered in its log; imported data rests on its licence.
    """
    import msgspec
    from rich.console import Console
    from rich.progress import Progress

    from witting.lab.dataset import open_lent
    from witting.lab.learn import load_card
    from witting.lab.learn import train as train_policy
    from witting.lab.unlearn.retraining import mark_replacement

    with (
        gate_for(dataset, hub_data) as vault,
        Progress(console=Console(stderr=True), transient=True, disable=as_json or not sys.stderr.isatty()) as bar,
    ):
        shown = bar.add_task("train", total=1.0)
        card = train_policy(
            open_lent(dataset, vault, exclude=frozenset(without)),
            out,
            seed=seed,
            exclude_sessions=frozenset(without),
            progress=lambda stage, share: bar.update(shown, description=stage, completed=share),
        )
        if replaces is not None:
            card = mark_replacement(out, card, old_card=load_card(replaces))
        index = vault.register_model(card).index if vault is not None else -1
    if as_json:
        print(msgspec.json.encode({**msgspec.to_builtins(card), "path": str(out), "log_index": index}).decode())
        return
    print(f"{card.model_id}: learnt from {card.episodes} episodes, {card.steps} steps of {len(card.sessions)} sessions")
    print(f"weights {card.weights_sha256}")
    print(f"in {out}, {card.cpu_seconds:.0f} CPU s" + (f", entry {index} of the log" if index >= 0 else ""))
    print(f"Next: witting evaluate {out} random text-match miniwob")
