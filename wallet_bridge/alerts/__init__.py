"""What treasury is alerted of: one open alert per place, asset and kind, which lives until all is well again."""
