"""Composition: the processes of the product are put together here, and nowhere else."""
