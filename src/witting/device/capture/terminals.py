"""Whether a terminal shows what is typed into it: what the kernel says of the line that its programs read from.

A terminal emulator has no fields. What counts is the terminal device of the programs in it: a prompt for a secret reads whole lines with
echo off; a line editor reads single keys with echo off and draws them itself. Both are told apart, and so are programs that ask for
secrets before they switch echo off. Looked at when keys arrive and a moment after, never otherwise. Doesn't read what is typed or shown.
Follows termios(3), proc(5). Invariant: what isn't known to be harmless isn't plain, and of several terminals in one process the worst
counts.
"""

import os
import termios
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

TerminalVerdict = Literal["plain", "secure", "unknown"]

TERMINALS = frozenset({
    "xterm", "uxterm", "x-terminal-emulator", "gnome-terminal", "gnome-terminal-server", "konsole", "xfce4-terminal", "mate-terminal",
    "lxterminal", "qterminal", "terminator", "tilix", "urxvt", "rxvt", "alacritty", "kitty", "st-256color", "st", "terminology", "kgx",
})  # fmt: skip
# They ask for secrets, or pass keys on to where nobody here can look.
_ASKERS = frozenset({
    "sudo", "su", "ssh", "scp", "sftp", "passwd", "gpg", "gpg2", "pinentry", "pinentry-curses", "pinentry-tty", "login", "doas", "pkexec",
    "run0", "ssh-add", "ssh-keygen", "ssh-askpass", "kinit", "cryptsetup", "openssl", "mosh", "mosh-client", "telnet", "ftp", "smbclient",
    "sshpass", "keepassxc-cli", "pass", "age", "htpasswd", "chpasswd", "newgrp", "vault", "op", "bw", "screen", "tmux", "dtach",
    "systemd-ask-password", "systemd-tty-ask", "polkit-agent-he", "chsh", "chfn",
})  # fmt: skip
_SHELLS = frozenset({"bash", "zsh", "fish", "ksh", "mksh"})  # they edit lines themselves: while echo is on they run something
_EDITORS = _SHELLS | {
    "python",
    "python3",
    "ipython",
    "ipython3",
    "node",
    "psql",
    "sqlite3",
    "gdb",
    "vi",
    "vim",
    "vim.basic",
    "nvim",
    "nano",
    "emacs",
}
_CHILDREN_AT_MOST = _THREADS_AT_MOST = 64
_PTS_MAJOR = range(136, 144)
_TTY, _FOREGROUND = 4, 5  # fields of /proc/PID/stat behind the name
_INPUT, _LOCAL = 0, 3  # fields of termios


def terminal_verdict(process_id: int) -> TerminalVerdict:
    """Return whether what is typed into the terminals of a process can be seen there: the worst of them counts."""
    found = [_judge(path, foreground) for path, foreground in _terminals(process_id)]
    if "secure" in found:
        return "secure"
    return "plain" if found and all(verdict == "plain" for verdict in found) else "unknown"


def judge(*, is_echo: bool, is_line: bool, is_edited: bool, program: str) -> TerminalVerdict:
    """Return what a terminal's state means: `is_line` = whole lines are read (ICANON), `is_edited` = the reader takes keys as they are."""
    if program in _ASKERS or not program:
        return "secure" if program else "unknown"
    if is_line:
        if not is_echo:
            return "secure"
        return "unknown" if program in _SHELLS else "plain"
    if is_echo:
        return "plain"
    return "plain" if is_edited and program in _EDITORS else "unknown"


def _judge(path: str, foreground: int) -> TerminalVerdict:
    try:
        line = os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return "unknown"
    try:
        modes = termios.tcgetattr(line)
    except termios.error:
        return "unknown"
    finally:
        os.close(line)
    return judge(
        is_echo=bool(modes[_LOCAL] & termios.ECHO),
        is_line=bool(modes[_LOCAL] & termios.ICANON),
        is_edited=not modes[_INPUT] & termios.ICRNL,
        program=_read(f"/proc/{foreground}/comm").strip(),
    )


def _terminals(process_id: int) -> Iterator[tuple[str, int]]:
    """Yield the terminals that a process's children have, each once, with the process group in the foreground."""
    threads = Path(f"/proc/{process_id}/task").glob("*/children")
    children = [child for thread in islice(threads, _THREADS_AT_MOST) for child in _read(str(thread)).split()]
    seen: set[str] = set()
    for child in children[:_CHILDREN_AT_MOST]:
        fields = _read(f"/proc/{child}/stat").rpartition(")")[2].split()
        if len(fields) <= _FOREGROUND:
            continue
        device = int(fields[_TTY])
        major = device >> 8 & 0xFF
        if major not in _PTS_MAJOR:
            continue
        path = f"/dev/pts/{(major - _PTS_MAJOR.start) * 256 + ((device & 0xFF) | (device >> 12 & 0xFFF00))}"
        if path not in seen:
            seen.add(path)
            yield path, int(fields[_FOREGROUND])


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""
