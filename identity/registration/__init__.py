"""People who come by themselves: an account exists once the link in their mail was used."""
