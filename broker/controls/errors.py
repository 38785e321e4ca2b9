"""Why a control denies an order, or cannot be set."""

from kernel.errors import DomainError, NotFound


class TradingStopped(DomainError):
    """Trading is stopped here at the moment; open orders can be cancelled."""

    code = "trading_stopped"
    status = 409


class ReduceOnly(DomainError):
    """Only selling is possible here at the moment."""

    code = "reduce_only"
    status = 409


class UnderMaintenance(DomainError):
    """There is a maintenance; see GET /v1/maintenance for its end."""

    code = "maintenance"
    status = 409


class ControlNotFound(NotFound):
    """There is no such control."""

    code = "control_not_found"


class ControlOver(DomainError):
    """This control has ended already."""

    code = "control_over"
    status = 409


class TargetUnknown(DomainError):
    """The target names nothing: a venue or market of ours, or a customer's id; a global control has none."""

    code = "target_unknown"
    status = 400


class PeriodInvalid(DomainError):
    """A control ends after it begins, and not in the past."""

    code = "period_invalid"
    status = 400
