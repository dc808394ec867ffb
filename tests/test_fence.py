"""The fence around the tests themselves."""

import socket

import pytest


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_no_test_leaves_this_machine(no_internet: list[str], kind: socket.SocketKind) -> None:
    """A socket that is to reach beyond loopback raises, and would fail the test."""
    with socket.socket(socket.AF_INET, kind) as out, pytest.raises(PermissionError):
        out.connect(("192.0.2.1", 25))

    assert len(no_internet) == 1
    no_internet.clear()


def test_no_test_asks_a_name_server_outside(no_internet: list[str]) -> None:
    """Names go to the servers of the test; the system's resolver is outside."""
    with pytest.raises(PermissionError):
        socket.getaddrinfo("mail.example.test", 25)

    no_internet.clear()
    assert socket.getaddrinfo("127.0.0.1", 25)
