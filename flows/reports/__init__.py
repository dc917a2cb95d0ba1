"""What people are told: reports of runs, days, checks and sources, as text and as JSON."""
