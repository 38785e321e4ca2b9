"""The one door to the outside: intent, sent once, outcome; unknown is resolved by asking, never by sending again."""
