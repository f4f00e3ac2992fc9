"""What people may try, and what may break: every attack and fault as something that runs, and a table of how each was held."""
