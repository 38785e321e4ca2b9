"""What is sold on one day: its dates, its window of sale and where it stands."""
