"""Money that comes out of the cold wallet, by what its holders sign themselves."""
