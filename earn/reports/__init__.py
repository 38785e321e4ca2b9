"""What treasury and finance ask about earn: what falls due and when, what stands against it, what it costs."""
