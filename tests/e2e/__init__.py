"""End-to-end: tests of the whole product, over its own doors."""
