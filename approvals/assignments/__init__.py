"""Who works on which application: the pool, taking, assigning, handing on, and the load of each."""
