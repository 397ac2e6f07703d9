"""Two clinics to try everything in: the same on every machine for the same date."""
