"""The pictures of the exercises as files: the same for everybody, so outside of any clinic, and kept by browsers."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from programs.illustrations import picture_file

KEPT = "public, max-age=86400"


@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """One frame; the colours of its bands come in the address, by place: `?forefeet=c0392b`."""
    try:
        drawn = picture_file(key, {place: f"#{colour}" for place, colour in request.GET.items()})
    except LookupError:
        raise Http404 from None
    return HttpResponse(drawn, content_type="image/svg+xml", headers={"Cache-Control": KEPT})
