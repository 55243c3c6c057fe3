"""What the province knows of one person: the record across classes, and the history beside a review."""
