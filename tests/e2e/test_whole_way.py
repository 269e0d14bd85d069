"""The whole way once, in small: what `make demo` tells must hold with fewer episodes too."""

from pathlib import Path

import pytest
from rich.console import Console

from witting.demo.story import Size, tell


@pytest.mark.e2e
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_story_holds_from_opt_in_to_leaving(tmp_path: Path) -> None:
    """From invitation to deletion receipt every check of the story holds, with another seed than the demo's."""
    size = Size(episodes=10, live_episodes=10, first_seed=977, fast_events=4500)
    report = tell(tmp_path / "demo", Console(quiet=True), size=size)
    assert report.exists()
