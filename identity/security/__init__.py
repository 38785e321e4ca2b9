"""What proves a person beside the password: second factors, step-up, and what follows when they change."""
