"""The chain of seals as others see it: its list, its published head, and its verification from end to end."""
