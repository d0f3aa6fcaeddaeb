"""Records to problems: a tuple of functions, each of which looks at one thing."""
