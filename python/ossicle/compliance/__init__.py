"""Other programs' functions, by their names and with their arguments."""
