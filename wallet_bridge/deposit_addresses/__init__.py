"""Where customers send to: one address per customer and network, made by the custodian."""
