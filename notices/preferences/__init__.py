"""In which language and where somebody wants to be told."""
