"""What a text of a notice is: a title and a body with places for parameters."""

from __future__ import annotations

import re
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    body: str

    def placeholders(self) -> frozenset[str]:
        return frozenset(PLACEHOLDER.findall(self.title + self.body))
