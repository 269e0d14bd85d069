"""How much a desktop magnifies, as its resources say."""

import pytest

from witting.device.capture.x11 import scale_of


@pytest.mark.parametrize(
    ("resources", "scale"),
    [
        (b"", 1.0),
        (b"*customization: -color\nXft.dpi:\t192\nXft.antialias:\t1\n", 2.0),
        (b"Xft.dpi: 144.5", 1.505),
        (b"Xft.dpi: much\n", 1.0),
        (b"Xft.dpi: 1.2.3\n", 1.0),
        (b"Xft.dpi: 0\n", 1.0),
        (b"Xft.dpi: 96000\n", 1.0),
        (b"NotXft.dpi: 192\n", 1.0),
    ],
)
def test_the_scale_is_read_from_dots_per_inch_and_nonsense_is_one(resources, scale):
    """96 dots per inch are 1.0; what isn't a number, or no magnification, counts as none."""
    assert scale_of(resources) == scale
