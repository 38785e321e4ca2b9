"""One module per venue: the venue's words around the same core."""
