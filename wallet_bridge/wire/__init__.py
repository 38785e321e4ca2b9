"""What the bridge and whoever keeps the keys say to each other: shapes, states and signatures, and nothing else that both share."""
