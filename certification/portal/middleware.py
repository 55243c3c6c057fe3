"""What holds for the time of one request: one reading of the demonstration clock, and for whom the person acts."""

from certification import clock
from certification.organisations import acting

# Where a session keeps for whom it acts: the key of the absent colleague's account.
ACTING_FOR = "acting_for"


def held_clock(get_response):
    """Middleware: the stored offset is read at most once a request, not once for every date on the page."""

    def respond(request):
        with clock.held():
            return get_response(request)

    return respond


def acting_session(get_response):
    """Middleware: a session that acts for somebody goes on doing so, as long as it was handed over (rules 4.5)."""

    def respond(request):
        absent_id = request.session.get(ACTING_FOR)
        if absent_id and request.user.is_authenticated and not acting.act_for(request.user, absent_id, clock.today()):
            del request.session[ACTING_FOR]
        return get_response(request)

    return respond
