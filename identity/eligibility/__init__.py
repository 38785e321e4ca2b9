"""Who may do what with money here: levels, and rules of countries as dated data."""
