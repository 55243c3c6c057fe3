"""One request, one reading of the demonstration clock."""

from certification import clock


def held_clock(get_response):
    """Middleware: the stored offset is read at most once a request, not once for every date on the page."""

    def respond(request):
        with clock.held():
            return get_response(request)

    return respond
