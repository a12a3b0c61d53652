"""How a change reaches everyone. The database is the log; a ring only says that there is something to read."""
