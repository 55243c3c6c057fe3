"""The reviews of applications by route (rules 3.1): stages, opinions, what is handed over and what stands beside."""
