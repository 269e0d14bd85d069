"""How a policy was made, beside its card: enough to make it again, or to make it without whoever leaves.

Knows paths and numbers. A policy may be taught in slices: sessions are put into slices by their id alone, and slice by slice is added, each
time going on from the weights kept after the one before. What leaves a late slice costs only the lessons from there on. Invariant: a
session's slice depends on its id and the number of slices; the weights kept after a slice depend on that slice and those before it.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import msgspec

from witting.terms.errors import UsageError

RECIPE_FILE = "recipe.json"
STATE_FILE = ".training-state"  # of a run under way
Size = Literal["small", "medium", "large"]
Part = Literal["all", "train", "validation", "test"]


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """What a training run was told."""

    dataset: str  # folder of the dataset; empty = episodes were given directly
    seed: int
    size: Size = "medium"
    slices: int = 1
    threads: int = 1  # more than one: the same seed need not give the same weights
    part: Part = "all"  # of the dataset's split by person
    without: tuple[str, ...] = ()  # sessions left out
    passes: int = 0  # times each step is shown; 0 = as the size says
    least_updates: int = 0
    most_updates: int = 0  # 0 = as the size says
    rewrites: int = 1
    updates: tuple[int, ...] = ()  # of each slice
    kept: tuple[str, ...] = ()  # digest of the weights after each slice but the last
    slice_sessions: tuple[tuple[str, ...], ...] = ()  # what each slice added


def slice_of(session_id: str, slices: int) -> int:
    """Return the slice, from 0, that a session belongs to."""
    digest = hashlib.sha256(f"witting-slice\0{session_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") * slices >> 64


def weights_file(slice_index: int) -> str:
    """Return the name of the file that keeps the weights after a slice."""
    return f"slice-{slice_index}.safetensors"


def first_touched(recipe: Recipe, leaving: Collection[str]) -> int:
    """Return the first slice that a leaving session is in; the number of slices when none of them is."""
    return min((slice_of(session, recipe.slices) for session in leaving), default=recipe.slices)


def save_recipe(recipe: Recipe, folder: Path) -> None:
    """Write a recipe as JSON for people to read."""
    (folder / RECIPE_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(recipe), indent=1) + b"\n")


def load_recipe(folder: str | Path) -> Recipe:
    """Return the recipe in a policy's folder.

    Raises:
        UsageError: there is none.
    """
    try:
        return msgspec.json.decode((Path(folder) / RECIPE_FILE).read_bytes(), type=Recipe)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        message = f"{folder} doesn't say how it was made ({type(error).__name__})"
        raise UsageError(message, hint="give a folder that `witting train` of this version wrote") from None
