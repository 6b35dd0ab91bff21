"""Run commands of h2h, each in a child of one process that has loaded the slow libraries already.

A line of the input is JSON: the arguments, and the limit of the address space in bytes above what is used (or null).
A line of the output is JSON: the exit code (negative: the signal), and what was printed.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile


def serve() -> None:
    for module in sys.argv[1:]:
        __import__(module)
    from h2h.cli import main

    for line in sys.stdin:
        arguments, room = json.loads(line)
        with tempfile.TemporaryFile() as told:
            child = os.fork()
            if child == 0:
                sys.argv = ["h2h", *arguments]
                for number in (1, 2):
                    os.dup2(told.fileno(), number)
                if room is not None:
                    limit = _address_space() + room
                    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
                main()
                sys.exit(0)  # the usual end of an interpreter
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            told.seek(0)
            print(json.dumps([code, told.read().decode(errors="replace")]), flush=True)


def _address_space() -> int:
    with open("/proc/self/statm", encoding="utf-8") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    serve()
