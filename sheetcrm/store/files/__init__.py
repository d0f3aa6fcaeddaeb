"""Files on disk: read, staged, locked, backed up, and put in place all or not at all."""
