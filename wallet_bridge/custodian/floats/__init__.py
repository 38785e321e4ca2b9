"""How much a hot wallet should hold: told when it is too little, moved to the cold wallet when it is too much."""
