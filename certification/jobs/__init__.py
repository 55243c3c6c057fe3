"""Background jobs: what is scheduled, what each run did, which beat sends."""
