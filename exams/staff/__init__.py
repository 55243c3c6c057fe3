"""Who staffs an exam: the pool, the answer to an invitation, reminders."""
