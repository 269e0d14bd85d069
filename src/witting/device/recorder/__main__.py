"""`python -m witting.device.recorder --config FILE`: one recorder process, one session.

Exit status: 0 ended as asked · 1 unexpected, or a source was lost · 2 usage · 10 no consent in force · 11 notice changed · 13 store locked.
"""

import argparse
import sys
from pathlib import Path

from witting.device.recorder.config import load_config
from witting.terms.errors import WittingError


def main() -> int:
    """Record one session; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m witting.device.recorder", description="Record one session.")
    parser.add_argument("--config", type=Path, required=True, help="the recorder's configuration, JSON")
    arguments = parser.parse_args()
    try:
        config = load_config(arguments.config)
        from witting.device.recorder.session import run

        error = run(config).error
    except WittingError as caught:
        error = caught
    if error is None:
        return 0
    sys.stderr.write(f"witting: error: {error}\n" + (f"hint: {error.hint}\n" if error.hint else ""))
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
