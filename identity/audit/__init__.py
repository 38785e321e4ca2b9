"""Who did what, from where: written with the change, chained and signed afterwards, checked by anybody."""
