"""Why guards cannot be set."""

from kernel.errors import DomainError


class GuardsInvalid(DomainError):
    """A band lies between 0 and 1, the wide one is not narrower; calm and widening are not negative, widest lies below 1."""

    code = "guards_invalid"
    status = 400
