"""From what the API was asked for to what the fleet runs."""
