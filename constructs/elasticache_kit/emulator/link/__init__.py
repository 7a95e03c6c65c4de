"""Programs that pass bytes on between two parties, later or as they come; see `process`."""
