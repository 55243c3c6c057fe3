"""A person's deadlines as a calendar behind a secret link."""
