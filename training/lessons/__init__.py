"""The timetable of a class and who signed in at each lesson."""
