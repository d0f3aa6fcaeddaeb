"""The program's own processes: how they are started, watched and ended, and how a run is interrupted."""
