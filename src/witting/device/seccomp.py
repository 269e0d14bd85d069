"""The shut door: from here on this process and its children can't make a network socket, by the kernel's word.

The filter (seccomp-bpf through libseccomp) refuses `socket` for every family but AF_UNIX, and io_uring, which could make sockets past the
filter. It can't be taken back and is inherited by fork and exec. Doesn't close what was open before: `open_internet_sockets` counts those.
It doesn't stop another program that listens on a unix socket from passing bytes on; see docs/decisions/0008-capture.md.
"""

import contextlib
import errno
import os
import socket
import stat
import sys
from pathlib import Path

from witting.terms.errors import CaptureError

_HINT = "the recorder doesn't run without it; check that libseccomp2 is installed and the kernel has seccomp"


def shut_network() -> None:
    """Give up internet sockets for good, in all threads of this process and all children to come.

    Raises:
        CaptureError: the kernel didn't do it, an internet socket is open already, or this isn't Linux.
    """
    if sys.platform != "linux":
        raise CaptureError("the network can't be shut on this platform", hint="record on Linux")
    if open_internet_sockets():
        raise CaptureError("an internet socket was open before the network was shut", hint="start the recorder in a process of its own")
    _load_filter()
    if not is_network_shut():
        raise CaptureError("the network is still open after it was shut", hint=_HINT)


def is_network_shut() -> bool:
    """Whether making an internet socket is refused with EPERM, IPv4 and IPv6."""
    return all(_refusal(family) == errno.EPERM for family in (socket.AF_INET, socket.AF_INET6))


def open_internet_sockets() -> int:
    """Return how many of this process's open files are sockets of another family than AF_UNIX."""
    count = 0
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - numbers, not paths
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as found:
                    count += found.family != socket.AF_UNIX
    return count


def _refusal(family: socket.AddressFamily) -> int:
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
    except OSError as error:
        return error.errno or 0
    return 0


def _load_filter() -> None:
    try:
        import pyseccomp
    except (ImportError, RuntimeError):
        raise CaptureError("libseccomp can't be loaded", hint=_HINT) from None
    try:
        rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        rules.set_attr(pyseccomp.Attr.CTL_TSYNC, 1)
        refuse = pyseccomp.ERRNO(errno.EPERM)
        rules.add_rule(refuse, "socket", pyseccomp.Arg(0, pyseccomp.NE, int(socket.AF_UNIX)))
        rules.add_rule(refuse, "io_uring_setup")
        rules.load()
    except OSError as error:
        message = f"the kernel refused the filter ({errno.errorcode.get(error.errno or 0, '?')})"
        raise CaptureError(message, hint=_HINT) from None


def has_seccomp() -> bool:
    """Whether this machine can shut the network: libseccomp loads and the kernel knows seccomp."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError):
        return False
    return bool(pyseccomp) and Path("/proc/sys/kernel/seccomp").is_dir()
