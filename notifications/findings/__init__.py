"""What can be found in words that are about to be sent? A file for each kind of thing."""
