"""Runs between fork and exec of a supervised child: drops privileges and ties the child's life to its parent's.

Executed as a plain script (`python -I -S shim.py PARENT UID GID SIGNAL COMMAND …`), because Python code in
`preexec_fn` may deadlock in a process with threads. It imports nothing of ours and is gone once COMMAND runs.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
PARENT_IS_GONE = 70


def main() -> None:
    """Become COMMAND; UID and GID of -1 keep the caller's."""
    parent, uid, gid, death_signal = (int(argument) for argument in sys.argv[1:5])
    command = sys.argv[5:]
    # Loaded while we may still read everything: Python itself may live below a folder closed to the new user.
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if gid >= 0:
        os.setgroups([])
        os.setgid(gid)
    if uid >= 0:
        os.setuid(uid)
    # After setuid, which clears it. exec keeps it, as none of our commands is set-uid.
    if libc is not None and libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        sys.exit(f"prctl failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:  # it died before prctl: no signal will ever come
        sys.exit(PARENT_IS_GONE)
    os.umask(0o077)
    os.execv(command[0], command)  # noqa: S606 – no shell is the point


if __name__ == "__main__":
    main()
