"""`witting unlearn`: a policy without somebody, made again so that nothing of them is in it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from witting.cli.asking import gate_for, hub_option
from witting.cli.options import data_option, json_option, progress_bar, show

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("model", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("out", type=_FOLDER, required=False)
@click.option("--session", "sessions", multiple=True, required=True, metavar="SESSION", help="Who leaves; may be repeated.")
@click.option("--dataset", type=_FOLDER, help="Where the policy's dataset lies now, if it was moved or released again.")
@click.option("--compare", is_flag=True, help="Train from scratch without them too, and compare the weights bit by bit.")
@hub_option
@data_option
@json_option
def unlearn(
    model: Path, out: Path | None, *, sessions: tuple[str, ...], dataset: Path | None, compare: bool, hub_data: Path, **told: Any
) -> None:
    """Make the policy in MODEL again without a SESSION, in the new folder OUT (MODEL-without-… when none is given).

    SESSION is an id of the policy's card, or what it begins with. The new policy is the one that training without the session gives, bit
    for bit: nothing is unlearnt by approximation. A policy trained with --slices goes on from the last weights kept before the session came
    in. Interrupted, the same command goes on where it was. MODEL stays as it was: remove it when the new one is in its place.
    """
    import msgspec

    from witting.cli.signing import signing_key
    from witting.lab.dataset import open_lent
    from witting.lab.unlearn import forget_sessions, leaving_of

    leaving = leaving_of(model, sessions)
    place = dataset or _known(leaving.recipe.dataset, leaving.old.model_id)
    target = out or model.with_name(f"{model.resolve().name}-without-{sessions[0][:8]}")
    with gate_for(place, hub_data) as vault, progress_bar(is_shown=not told["as_json"]) as say:
        lent = open_lent(place, vault, exclude=leaving.without)
        leaving = replace(leaving, signer=signing_key(vault, told["data"]))
        done = forget_sessions(leaving, lent, out_dir=target, compare=compare, progress=say)
        if vault is not None:
            vault.register_model(done.card)
    share = 100 * done.seconds / max(done.full_seconds, 0.01)
    lines = [
        f"{done.card.model_id} in {target} replaces {done.card.replaces}, without {', '.join(one[:12] for one in done.left)}",
        f"weights {done.card.weights_sha256}",
        f"learnt again from slice {done.first_slice + 1} of {done.slices}: {done.updates} batches, {100 * done.share:.0f} %",
        f"cost {done.seconds:.1f} CPU s, {share:.0f} % of the {done.full_seconds:.1f} s of the training",
    ]
    if done.proof is not None:
        lines.append(
            "equal to training from scratch without them, bit for bit" if done.proof.holds else "NOT equal to training from scratch"
        )
    show({**msgspec.to_builtins(done), "path": str(target)}, "\n".join(lines), as_json=told["as_json"])
    if done.proof is not None and not done.proof.holds:
        from witting.terms.errors import IntegrityError

        raise IntegrityError(
            "the new policy isn't the one that training from scratch gives", hint="train with --threads 1, then unlearn again"
        )


def _known(place: str, model_id: str) -> Path:
    """Return where a policy's dataset was when it was trained.

    Raises:
        UsageError: it isn't there any more.
    """
    from witting.terms.errors import UsageError

    if not place or not Path(place).is_dir():
        message = f"the dataset that {model_id} learnt from isn't at {place or 'a known place'}"
        raise UsageError(message, hint="say where it is with --dataset")
    return Path(place)
