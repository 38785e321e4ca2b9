"""Four eyes: what one person asked for and another one must agree to, bound to a digest of what both saw."""
