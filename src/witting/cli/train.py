"""`witting train`: a policy from a dataset."""

from pathlib import Path
from typing import Any

import click

from witting.cli.asking import gate_for, hub_option
from witting.cli.options import data_option

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("dataset", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("out", type=_FOLDER, required=False)
@click.option("--seed", type=int, default=0, show_default=True, help="The same dataset and seed give the same weights, bit for bit.")
@click.option("--size", type=click.Choice(["small", "medium", "large"]), default="medium", show_default=True, help="The one dial.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True, help="More than one may change bits of the weights.")
@click.option("--slices", type=click.IntRange(1, 64), default=1, show_default=True, help="Keep weights on the way: forgetting costs less.")
@click.option("--part", type=click.Choice(["all", "train"]), default="all", show_default=True, help="Learn from the split's part only.")
@click.option("--without", multiple=True, metavar="SESSION", help="Learn nothing from a session; may be repeated.")
@click.option("--replaces", type=click.Path(path_type=Path, file_okay=False, exists=True), help="The policy that this one replaces.")
@hub_option
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print the model card as JSON.")
def train(dataset: Path, out: Path | None, *, as_json: bool, replaces: Path | None, hub_data: Path, **told: Any) -> None:
    """Train a policy on DATASET and write it into OUT: network, weights, and a card that names every session it learnt from.

    The hub is asked whether every session is lent now, and the policy is entered in its log; imported data rests on its licence. OUT is
    models/ and the dataset's name when none is given. Interrupted, the same command goes on where it was. `--part train` leaves out the
    people whom `witting dataset splits` holds back.
    """
    import msgspec

    from witting.cli.options import progress_bar
    from witting.cli.signing import signing_key
    from witting.lab.dataset import open_lent
    from witting.lab.learn import TrainingConfig, load_card
    from witting.lab.learn import train as train_policy

    target = out or Path("models") / dataset.resolve().name
    known = {name: told[name] for name in ("size", "threads", "slices", "part")}
    old = load_card(replaces).model_id if replaces is not None else ""
    without = frozenset(told["without"])
    with gate_for(dataset, hub_data) as vault, progress_bar(is_shown=not as_json) as say:
        lent = open_lent(dataset, vault, exclude=without)
        config = TrainingConfig(**known, replaces=old, signer=(key := signing_key(vault, told["data"])))
        card = train_policy(lent, target, seed=told["seed"], exclude_sessions=without, config=config, progress=say)
        index = vault.register_model(card).index if vault is not None else -1
    signer = key.public.hex()
    if as_json:
        more = {"path": str(target), "log_index": index, "signed_by": signer}
        print(msgspec.json.encode({**msgspec.to_builtins(card), **more}).decode())
        return
    print(f"{card.model_id}: learnt from {card.episodes} episodes, {card.steps} steps of {len(card.sessions)} sessions")
    print(f"weights {card.weights_sha256}")
    print(f"signed by {signer}")
    print(f"in {target}, {card.cpu_seconds:.0f} CPU s" + (f", entry {index} of the log" if index >= 0 else ""))
    print(f"Next: witting evaluate {target} text-match miniwob-quick --episodes 20")
