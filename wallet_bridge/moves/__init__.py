"""Treasury moves money between venues: proposed, agreed to by two people, sent once, followed until it is there."""
