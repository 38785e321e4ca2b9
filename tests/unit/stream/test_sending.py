"""What waits for a slow reader: the newest price, the newest few of a list, every event; and who is cut off."""

import asyncio

import pytest

from rivermouth.stream import sending
from rivermouth.stream.sending import CloseCode, Outgoing
from rivermouth.stream.topics import Topic


class Socket:
    """Takes frames as fast as the test allows."""

    def __init__(self):
        self.sent, self.closed_with = [], None
        self.open = asyncio.Event()

    async def send(self, message):
        await self.open.wait()
        self.sent.append(message["text"])

    async def close(self, code, _reason):
        self.closed_with = code


def run(scenario):
    async def whole():
        socket = Socket()
        out = Outgoing(socket)
        writer = asyncio.create_task(out.write())
        await asyncio.sleep(0)
        await scenario(socket, out, writer)
        writer.cancel()

    asyncio.run(whole())


async def sent(socket, count):
    while len(socket.sent) < count:
        await asyncio.sleep(0)


def test_of_a_state_only_the_newest_waits():
    async def scenario(socket, out, _writer):
        topic, other = Topic("a"), Topic("b")
        topic.join(out, None)
        other.join(out, None)
        for n in range(50):
            topic.publish(str(n))
        other.publish('"b"')
        socket.open.set()
        await sent(socket, 2)
        assert [frame.count('"data":49}') + frame.count('"data":"b"}') for frame in socket.sent] == [1, 1]
        assert out.conflated == 49

    run(scenario)


def test_of_a_list_the_newest_few_wait_and_the_numbers_show_the_gap():
    async def scenario(socket, out, _writer):
        topic = Topic("t", kept=3)
        topic.join(out, "[]")
        for n in range(10):
            topic.publish(str(n))
        socket.open.set()
        await sent(socket, 3)
        assert [frame[frame.index('"seq"') :] for frame in socket.sent] == [
            f'"seq":{n + 1},"type":"update","data":{n}}}' for n in (7, 8, 9)
        ]

    run(scenario)


def test_events_are_never_dropped_and_go_before_prices():
    async def scenario(socket, out, _writer):
        out.price("p", "price")
        for n in range(100):
            out.event(f"event {n}")
        out.answer("answer")
        socket.open.set()
        await sent(socket, 102)
        assert socket.sent == ["answer", *(f"event {n}" for n in range(100)), "price"]

    run(scenario)


def test_who_leaves_too_many_events_waiting_is_cut_off(monkeypatch):
    monkeypatch.setattr(sending, "MAX_EVENTS", 5)

    async def scenario(socket, out, writer):
        for n in range(7):
            out.event(str(n))
        socket.open.set()
        await asyncio.wait_for(writer, 30)
        assert socket.closed_with == CloseCode.SLOW_READER

    run(scenario)


def test_who_stands_still_is_cut_off(monkeypatch):
    monkeypatch.setattr(sending, "SEND_WITHIN_S", 0.05)

    async def scenario(socket, out, writer):
        out.price("p", "price")
        await asyncio.wait_for(writer, 30)
        assert socket.closed_with == CloseCode.SLOW_READER

    run(scenario)


def test_whoever_brings_many_events_waits_until_they_are_sent():
    async def scenario(socket, out, _writer):
        out.event("on its way")
        out.event("waiting")
        waiting = asyncio.create_task(out.drained())
        await asyncio.sleep(0)
        assert not waiting.done()
        socket.open.set()
        await asyncio.wait_for(waiting, 30)

    run(scenario)


def test_what_was_published_while_the_snapshot_was_read_follows_it():
    async def scenario(socket, out, _writer):
        topic = Topic("t", kept=9)
        topic.publish("1")
        topic.hold(out)
        topic.publish("2")
        topic.join(out, "[1]")
        topic.publish("3")
        socket.open.set()
        await sent(socket, 3)
        told = [frame[frame.index('"seq"') :] for frame in socket.sent]
        assert told[0] == '"seq":1,"type":"snapshot","data":[1]}'
        assert [t[:8] for t in told[1:]] == ['"seq":2,', '"seq":3,']

    run(scenario)


@pytest.mark.parametrize("code", [CloseCode.UNAUTHORIZED, CloseCode.SESSION_ENDED])
def test_the_reason_is_sent_before_the_end(code):
    async def scenario(socket, out, writer):
        socket.open.set()
        out.answer("why")
        out.end(code)
        await asyncio.wait_for(writer, 30)
        assert (socket.sent, socket.closed_with) == (["why"], code)

    run(scenario)
