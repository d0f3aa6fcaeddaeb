"""The page people look at: one offline file a period."""
