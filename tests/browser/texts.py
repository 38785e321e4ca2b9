"""What a person reads, taken from the console's own texts, so that a story looks for the words of its language."""

import json

import pytest

from consoles.build import APP

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh"])


def words(language, face):
    """The texts of a face."""
    return json.loads((APP / "src" / "i18n" / language / f"{face}.json").read_text())


def filled(text, **values):
    """A text of the console with its parameters put in."""
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text
