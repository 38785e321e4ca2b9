"""Programs of others that act for a customer who agreed: OAuth 2.0, with scopes that never exceed what the customer may do."""
