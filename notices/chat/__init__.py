"""Alerts of the house in the chat rooms where its staff sit: grouped, told once, and never sent twice."""
