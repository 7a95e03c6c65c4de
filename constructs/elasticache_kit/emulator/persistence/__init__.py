"""State that survives: everything that was acknowledged is on disk, and comes back after any end of the emulator."""
