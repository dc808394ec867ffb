"""Where people meet the desk. A transport translates and nothing else."""
