"""What Sampark Setu costs, measured beside what others cost. `make bench`."""
