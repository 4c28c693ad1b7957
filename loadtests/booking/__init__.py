"""What the benchmarks of holding and booking have in common: a practice with free times, people who want them."""
