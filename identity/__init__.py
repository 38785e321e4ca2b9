"""Who somebody is and what they may do: tenants, customers and staff, sessions, permissions.

Doors: `service` (use cases and steps), `errors`; `auth` holds the FastAPI dependencies that every route declares.
"""
