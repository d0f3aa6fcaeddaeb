"""HTML to PDF, each document in a process of its own."""
