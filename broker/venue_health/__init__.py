"""How each venue is doing: its prices, its calls of the last minutes, and whether our breakers let any through."""
