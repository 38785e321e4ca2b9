"""Knowing the customer: cases, their documents, and the person who decides."""
