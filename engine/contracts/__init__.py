"""What bots and mining may know of the engine: protocols and plain data, no behaviour."""
