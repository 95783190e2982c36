"""Rules to be written."""
