"""Putting an activity's problems to the fields of a form."""

from collections.abc import Iterable

from certification.refusals import Problem


class ShowsProblems:
    """A form that can show what an activity found, each problem at its field, none twice."""

    def show(self, problems: Iterable[Problem]) -> None:
        """Put ``problems`` to their fields; those that name none stand on top."""
        for problem in problems:
            field = problem.field if problem.field in self.fields else None
            message = f"{problem.message}{problem.advice}"
            if message not in self.errors.get(field or "__all__", ()):
                self.add_error(field, message)
