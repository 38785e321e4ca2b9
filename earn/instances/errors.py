"""Why an instance cannot be made, seen or stopped."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class InstanceNotFound(NotFound):
    """There is no such instance."""

    code = "earn_instance_not_found"


class SaleEnded(Conflict):
    """The sale of this instance has ended; there is nothing to stop."""

    code = "earn_sale_ended"
