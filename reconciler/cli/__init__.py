"""argv -> exit code: arguments, signals, commands, approval and the plan file."""
