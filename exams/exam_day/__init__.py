"""The day of an exam: sign-in at the door, what it means for results, the record of each room, the recording."""
