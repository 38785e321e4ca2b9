"""Customers and staff: who may log in, with which roles."""
