"""Search over everything that the user may see."""

from django.shortcuts import render

from certification.portal import search as searching


def search(request):
    """Hits by kind for ``?q=``: a name, the beginning of an identity number, or a receipt number."""
    text = request.GET.get("q", "").strip()
    query = searching.parse(text)
    found, more = searching.run(request.user, query) if query else ({}, False)
    context = {"text": text, "query": query, "found": found, "more": more, "shortest": searching.SHORTEST}
    return render(request, "portal/search.html", context)
