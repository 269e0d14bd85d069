"""`python -m witting` is `witting`."""

from witting.cli import main

main()
