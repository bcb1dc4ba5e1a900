"""What follows from what we know? Pure decisions: no row is changed here, no clock read."""
