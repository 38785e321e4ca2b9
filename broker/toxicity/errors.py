"""Why a class cannot be set."""

from kernel.errors import NotFound


class CustomerNotFound(NotFound):
    """There is no such customer."""

    code = "customer_not_found"
