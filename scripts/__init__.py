"""What makes the sample month and the generated docs."""
