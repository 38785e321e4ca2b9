"""The gate lets one in at a time, orders first, and survives waiting ones that give up."""

import asyncio

from venues.nonces import Gate, Urgency


def test_orders_pass_first():
    async def run():
        gate, order, inside = Gate(1), [], 0

        async def visit(urgency, name):
            nonlocal inside
            async with gate.passing(urgency):
                inside += 1
                assert inside == 1
                order.append(name)
                await asyncio.sleep(0)
                inside -= 1

        async with gate.passing(Urgency.LIST):
            tasks = [
                asyncio.create_task(visit(u, n))
                for u, n in [
                    (Urgency.LIST, "balances"),
                    (Urgency.QUESTION, "ask"),
                    (Urgency.ORDER, "first"),
                    (Urgency.ORDER, "second"),
                ]
            ]
            await asyncio.sleep(0)
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(run()) == ["first", "second", "ask", "balances"]


def test_giving_up_loses_no_place():
    async def run():
        gate = Gate(1)
        async with gate.passing(Urgency.ORDER):
            waiting = [asyncio.create_task(_pass(gate)) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
        waiting[1].cancel()  # its turn has come, but it has not run yet
        await asyncio.gather(*waiting, return_exceptions=True)
        async with asyncio.timeout(1), gate.passing(Urgency.ORDER):
            return True

    assert asyncio.run(run())


async def _pass(gate):
    async with gate.passing(Urgency.ORDER):
        await asyncio.sleep(0)
