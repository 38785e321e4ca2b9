"""Where customers send to: addresses they name once, with a proof of who they are, and use after a delay."""
