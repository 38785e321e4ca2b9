"""Revenue: what each fill earned and cost us, its worth in one currency, and the volumes that tiers go by."""
