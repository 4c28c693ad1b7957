"""What operators run from the command line: the whole house, real input, the demo clinic, backups."""
