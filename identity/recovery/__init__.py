"""An account whose owner lost the password, moves to another e-mail, or wants it shut at once."""
