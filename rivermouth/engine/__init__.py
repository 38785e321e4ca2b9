"""The engine: asyncio owners of everything that moves. Each owner holds a lease; copies of the engine share the work by leases."""
