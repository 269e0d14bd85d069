"""Licence plates: announced ones of any country, bare ones in shapes that little else has."""

import pytest

from witting.device.privacy import Redactor
from witting.device.privacy.plates import find_plates
from witting.device.privacy.sample import make_sample

ANNOUNCED = [
    ("license plate: 7ABC123", "7ABC123"),
    ("number plate LN52 XYZ", "LN52 XYZ"),
    ("Kennzeichen: HH-AB 12E", "HH-AB 12E"),
    ("Das Nummernschild ist M XY 77", "M XY 77"),
    ("immatriculation AB-123-CD", "AB-123-CD"),
    ("plaque d'immatriculation : 1234 AB 75", "1234 AB 75"),
    ("matrícula 1234 BCD", "1234 BCD"),
    ("matricula: M-1234-AB", "M-1234-AB"),
    ("targa AB 123 CD", "AB 123 CD"),
    ("kenteken 12-ABC-3", "12-ABC-3"),
]
BARE = ["B-MW 1234", "M-XY 77E", "AB-123-CD", "LN52 XYZ", "1234 BCD", "12-ABC-3", "AA-11-22", "KA 05 MJ 1234"]


def found(text: str) -> set[str]:
    """Return the plates of a text."""
    return {text[f.start : f.end] for f in find_plates(make_sample(text))}


@pytest.mark.promise("P7")
@pytest.mark.parametrize(("text", "plate"), ANNOUNCED)
def test_an_announced_plate_is_found_whole(text: str, plate: str) -> None:
    """After a word for a plate in English, German, French, Spanish, Italian or Dutch, any row of letters and digits is one."""
    assert plate in found(text)


@pytest.mark.promise("P7")
@pytest.mark.parametrize("plate", BARE)
@pytest.mark.parametrize("around", ["{}", "the car {} stood there", "{}, parked", "({})"])
def test_a_bare_plate_is_found_by_its_shape(plate: str, around: str) -> None:
    """Without a word for it, a plate in one of the known shapes is found wherever it stands."""
    assert plate in found(around.format(plate))


@pytest.mark.promise("P7")
@pytest.mark.parametrize("plate", BARE)
@pytest.mark.parametrize("posture", ["strict", "balanced"])
def test_no_posture_lets_a_plate_through(plate: str, posture: str) -> None:
    """In both postures nothing of a plate's digits is left."""
    left = Redactor(posture, seed=b"k").text(f"seen near the gate: {plate}").text  # type: ignore[arg-type]
    assert not [part for part in plate.replace("-", " ").split() if part.isdigit() and part in left.replace("_", " ").split()]


@pytest.mark.parametrize(
    "text",
    ["WD-ABCD-1234", "DIN A 4", "ISO-A 4 paper", "see page 4 B", "USB-C 31", "a plate of food", "2024-11-24", "page 12 of 40", "PDF-A 1"],
)
def test_what_only_looks_like_a_plate_stays(text: str) -> None:
    """Part numbers, standards, sizes of paper and dates are no plates."""
    assert found(text) == set()
