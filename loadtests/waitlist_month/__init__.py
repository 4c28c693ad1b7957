"""A month of a waitlist, simulated on the production rules: who joins, what becomes free, who answers what and when."""
