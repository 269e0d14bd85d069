"""`python -m witting.device.reading`: pictures on standard input, what they say on standard output, until the input ends.

Runs at the lowest priority, with the network shut and no crash dumps. A question is a header of two numbers (bytes of the JSON question,
bytes of the pixels), the question, then the gray pixels and the wanted ones as bits; an answer is a number of bytes and a `Reading`.
"""

import os
import resource
import sys
from typing import BinaryIO

from witting.device.reading.local import LocalReader
from witting.device.reading.wire import read_question, write_answer
from witting.device.seccomp import shut_network
from witting.terms.errors import WittingError


def main(source: BinaryIO, target: BinaryIO) -> int:
    """Answer until the input ends; return the exit status."""
    try:
        shut_network()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash dump would hold what was read
        os.nice(19)
        reader = LocalReader()
    except WittingError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    while (question := read_question(source)) is not None:
        reader.limit_ns = question.limit_ns
        write_answer(target, reader.read(question.gray, question.wanted, areas=question.areas))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
