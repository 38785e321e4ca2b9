"""A port for a program that binds it some seconds later."""

import socket

from rivermouth import ports


def test_it_is_none_that_an_outgoing_connection_may_take_meanwhile():
    assert {ports.free() in ports.QUIET for _ in range(50)} == {True}


def test_one_that_is_taken_is_not_given(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        first = taken.getsockname()[1]
        monkeypatch.setattr(ports, "QUIET", range(first, first + 1))
        drawn = []

        def draw(_below):
            drawn.append(1)
            if len(drawn) > 3:
                taken.close()
            return 0

        monkeypatch.setattr(ports.secrets, "randbelow", draw)
        assert ports.free() == first
        assert len(drawn) > 3
