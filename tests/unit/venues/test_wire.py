"""What a call may put on the wire: its own headers, one request where only one is allowed, and no redirect."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from venues import wire


async def serve(handler, use):
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    session = wire.session(encrypted=False)
    try:
        return await use(session, f"http://127.0.0.1:{runner.addresses[0][1]}/x")
    finally:
        await session.close()
        await runner.cleanup()


async def echo(request):
    await asyncio.sleep(0.01)
    return web.json_response({"exp": request.headers.get("expTime"), "body": await request.text()})


def test_headers_belong_to_one_call_even_when_many_fly():
    async def use(session, url):
        async def one(number):
            with wire.call_scope(headers={"expTime": str(number)}, at_most=1) as scope:
                async with session.post(url, data=str(number)) as answer:
                    assert await answer.json() == {"exp": str(number), "body": str(number)}
                assert scope.sent == 1
                assert str(number) in scope.reply.body
            async with session.post(url, data="bare") as answer:
                assert (await answer.json())["exp"] is None

        await asyncio.gather(*(one(number) for number in range(32)))

    asyncio.run(serve(echo, use))


def test_a_second_request_is_stopped_before_it_leaves():
    hits = []

    async def handler(request):
        hits.append(request.path)
        return web.Response(status=503, headers={"Retry-After": "3"}, text="busy")

    async def use(session, url):
        with wire.call_scope(at_most=1) as scope:
            async with session.post(url) as answer:
                await answer.read()
            with pytest.raises(wire.SecondSend):
                await session.post(url)
        return scope

    scope = asyncio.run(serve(handler, use))
    assert len(hits) == scope.sent == 1
    assert (scope.reply.status, scope.reply.body, scope.reply.retry_after_s) == (503, "busy", 3.0)


def test_a_redirect_is_not_followed():
    hits = []

    async def handler(request):
        hits.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async def use(session, url):
        with wire.call_scope(), pytest.raises(wire.Redirected):
            await session.post(url, data="order")

    asyncio.run(serve(handler, use))
    assert hits == ["/x"]


def test_a_cut_connection_leaves_no_answer_but_counts_as_sent():
    async def handler(request):
        await request.read()
        request.transport.abort()
        return web.Response()

    async def use(session, url):
        with wire.call_scope() as scope, pytest.raises(aiohttp.ClientError):
            await session.post(url, data="order")
        return scope

    scope = asyncio.run(serve(handler, use))
    assert (scope.sent, scope.reply) == (1, None)
