"""Prices: instruments, quotes of each venue, consolidated book, composite price; one owner per market computes, everybody reads a copy."""
