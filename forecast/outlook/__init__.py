"""What may come: simulated futures and every table of a forecast."""
