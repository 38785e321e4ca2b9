"""The watch over all running loans: every tick of a price re-marks the whole book, and the few that it concerns are decided exactly."""
