"""The address that people are told."""

import socket

import pytest

from h2h.io.local_port import hosts, is_local, listen, reachable


@pytest.mark.parametrize(
    ("host", "local", "told"),
    [
        ("127.0.0.1", True, "127.0.0.1"),
        ("localhost", True, "localhost"),
        ("::1", True, "[::1]"),
        ("[::1]", True, "[::1]"),
        ("0.0.0.0", False, None),
        ("::", False, None),
    ],
)
def test_the_address_can_be_opened(host, local, told):
    if ":" in host and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    with listen(host, 0) as listening:
        port = listening.getsockname()[1]
        assert is_local(listening) is local
        place, _, number = reachable(listening, host).rpartition(":")
        assert number == str(port) and place not in ("0.0.0.0", "[::]", "")
        assert told is None or place == told
        with socket.create_connection((place.strip("[]"), port), timeout=10):
            pass  # and it leads here


def test_browsers_leave_the_default_port_out():
    assert hosts(("localhost", "[::1]"), 80) == {"localhost", "[::1]", "localhost:80", "[::1]:80"}
    assert hosts(("localhost",), 8765) == {"localhost:8765"}
