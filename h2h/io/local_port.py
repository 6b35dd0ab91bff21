"""Take a port of this machine."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable

from h2h.errors import UserError

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
DEFAULT = 80  # of http


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


def is_local(listening: socket.socket) -> bool:
    """Whether only this machine can reach it."""
    return ipaddress.ip_address(listening.getsockname()[0]).is_loopback


def hosts(names: Iterable[str], port: int) -> set[str]:
    """What a browser's Host may be for a server of these names: the default port is left out there."""
    named = set(names)
    return {f"{name}:{port}" for name in named} | (named if port == DEFAULT else set())


def reachable(listening: socket.socket, host: str) -> str:
    """HOST:PORT for an address that people open.

    Of 0.0.0.0 and ::, which nobody can open, it is the address by which this machine reaches others.
    """
    bound, port = listening.getsockname()[:2]
    if ipaddress.ip_address(bound).is_unspecified:
        host = _own_address(listening.family)
    host = host.strip("[]")
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _own_address(family: int) -> str:
    outside, own = ("192.0.2.1", "127.0.0.1") if family == socket.AF_INET else ("2001:db8::1", "::1")
    with socket.socket(family, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect((outside, 9))  # of datagrams this only chooses the way: nothing is sent
            return str(asking.getsockname()[0])
        except OSError:  # no way out of this machine
            return own
