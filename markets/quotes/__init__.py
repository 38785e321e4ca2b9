"""Quotes: what each venue shows, with its age, and the copy that the API and order acceptance read."""
