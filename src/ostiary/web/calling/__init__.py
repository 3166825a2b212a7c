"""Steps that ask servers of others, in threads of their own: a server that hangs slows down nobody else."""
