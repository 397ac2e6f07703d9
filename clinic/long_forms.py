"""What is far too long on a patient's page: read as far as the limit goes, so that the page can say it in words."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, QueryDict

PATIENTS = re.compile(r"^/clinic/[-\w]+/my/")
MOST_READ = 20_000_000
AT_ONCE = 65_536


def long_forms(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware. Of a form that is cut, `is_cut` says so: it is not to be saved. All but a note is short, and a note
    comes last, so what comes before it is whole. Anything else that is too large is refused as Django does."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST" and PATIENTS.match(request.path_info) and is_too_large(request):
            limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            request.POST = QueryDict(request.read(limit), encoding=request.encoding)
            request.is_cut = True  # type: ignore[attr-defined]
            left = MOST_READ - limit
            while left > 0 and (read := request.read(AT_ONCE)):  # an answer in the middle of a question is lost
                left -= len(read)
        return get_response(request)

    return middleware


def is_too_large(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    is_a_form = request.content_type == "application/x-www-form-urlencoded"
    return is_a_form and length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
