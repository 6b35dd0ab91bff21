"""Take a port of this machine."""

from __future__ import annotations

import socket

from h2h.errors import UserError

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything slow begins.

    Raises:
        UserError: it is in use, or may not be taken.
    """
    try:
        return socket.create_server((host.strip("[]"), port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise UserError(
            f"the port {port} of {host} cannot be used: {error.strerror}",
            f"end what uses it, or take another: --port {port + 1}",
        ) from error
