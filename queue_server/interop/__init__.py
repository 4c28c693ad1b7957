"""What other systems understand: formats of theirs, made of our facts. No I/O, and nothing of who may see what."""
