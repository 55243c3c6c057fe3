"""The ways out of the house. Each module sends one message and raises ``ChannelFailure`` where it did not go."""
