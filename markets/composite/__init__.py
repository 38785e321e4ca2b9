"""The composite price: one number from many venues, with its state, its confidence and a reason for every venue left out."""
