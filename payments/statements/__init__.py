"""What happened on an owner's accounts, newest first, with the balance after each line."""
