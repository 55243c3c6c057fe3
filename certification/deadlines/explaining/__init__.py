"""Why a due date is what it is (rules 2.1): on screen, in one line, on paper, with every earlier version."""
