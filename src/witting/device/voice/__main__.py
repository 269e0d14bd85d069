"""`python -m witting.device.voice ENGINE RATE_HZ [MODEL]`: sound on standard input (16-bit mono), its text on standard output.

One process per note: when it ends, the sound and the model are gone from memory. The network is shut before the sound is read. Exit
status 0 with no text means that nobody spoke.
"""

import resource
import sys

from witting.device.seccomp import shut_network
from witting.device.voice.recognise import load_recogniser
from witting.device.voice.speech import trim
from witting.terms.errors import WittingError


def main(arguments: list[str]) -> int:
    """Transcribe one note; return the exit status."""
    engine, rate_hz, model = arguments[0], int(arguments[1]), arguments[2] if len(arguments) > 2 else ""  # noqa: PLR2004 - three arguments
    try:
        shut_network()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash dump would hold what was said
        said = trim(sys.stdin.buffer.read(), rate_hz)
        text = load_recogniser(engine, model).text_of(said, rate_hz) if said else ""
    except WittingError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
