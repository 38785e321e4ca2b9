import pytest

from tests.stream_clients import StreamClient, telling


@pytest.fixture
def stream(house):
    """Opens clients; they are closed at the end."""
    opened = []

    def open_one(who=None, **more):
        client = StreamClient(house.client.base_url, **more)
        opened.append(client)
        return client.login(house.auth(who)) if who else client

    yield open_one
    for client in opened:
        client.socket.close()


@pytest.fixture
def teller(house):
    with telling(house) as one:
        yield one
