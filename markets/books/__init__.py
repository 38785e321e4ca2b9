"""The consolidated book: every venue's levels in one list, cheapest first."""
