"""The sandbox: set prices, inject faults, advance the clock, see what the venues saw. Exists only with RIVERMOUTH_MODE=sandbox."""
