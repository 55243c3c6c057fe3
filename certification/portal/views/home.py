"""Home: what is mine to do by due date, then what I wait for, then figures."""

from django.shortcuts import render

from certification import clock
from certification.portal import todo


def home(request):
    """The lines of every provider, in the order of their dates."""
    now = clock.now()
    lines = todo.lines_for(request.user, now)
    context = {
        "todos": lines[todo.Kind.TODO],
        "waiting": lines[todo.Kind.WAITING],
        "figures": lines[todo.Kind.FIGURE],
        "today": now.date(),
        "has_roles": bool(request.user.roles_on(now.date())),
    }
    return render(request, "portal/home.html", context)
