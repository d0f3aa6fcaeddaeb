"""Files in place all or not at all."""
