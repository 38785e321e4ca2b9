"""The houses that share one deployment and never see each other."""
