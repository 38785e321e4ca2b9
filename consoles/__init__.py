"""The web application: building its bundle and serving it. What it shows comes from the public API alone."""
