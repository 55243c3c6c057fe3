"""Calendar years: the State Council's notice entered, checked, previewed and published (rules 2.2)."""
