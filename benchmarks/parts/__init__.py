"""One file for each thing that is measured. Each has a KEY to pick it by, and `run`."""
