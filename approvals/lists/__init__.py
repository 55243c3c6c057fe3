"""The review lists: what waits for whom, its counts, filters kept by name, and the list as a file."""
