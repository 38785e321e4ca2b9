"""Why a template is refused; the detail says which term of it, `errors` all that is wrong with it, by field."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class TemplateUnfit(DomainError):
    """A term of the template contradicts another one or lies outside its bounds."""

    code = "earn_template_unfit"
    status = 400


class TemplateNotFound(NotFound):
    """There is no such template."""

    code = "earn_template_not_found"


class NoTemplateDraft(Conflict):
    """The template has no draft: make its next version first."""

    code = "earn_template_no_draft"


class TemplateDraftExists(Conflict):
    """The template has a draft already: edit it, or give it up."""

    code = "earn_template_draft_exists"


class TemplateRetired(Conflict):
    """This version is retired already."""

    code = "earn_template_retired"
