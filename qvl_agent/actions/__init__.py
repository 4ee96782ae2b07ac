"""What is done to the screen, and the rules for doing it."""
