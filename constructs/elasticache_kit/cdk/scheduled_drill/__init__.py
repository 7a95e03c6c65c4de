"""A drill that AWS runs by itself: what builds, schedules, permits and watches it."""
