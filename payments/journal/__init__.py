"""Posting: journals are appended once per key and never changed."""
