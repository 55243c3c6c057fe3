"""Hours learnt on site and online, what is missing, and the proofs made of them."""
