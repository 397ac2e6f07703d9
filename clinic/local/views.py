"""The caught mail in the browser. Only `make run` has these pages: they show everybody's mail to anybody."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from clinic.local import maildir

# No scripts and not our origin. A link opens outside of the frame, where it works as it does from a mail program.
SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"
SEALED = f"{SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@never_cache
@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    return render(request, "local/mail_list.html", {"mails": maildir.newest(Path(settings.MAIL_FOLDER))})


@never_cache
@require_safe
def mail(request: HttpRequest, key: str) -> HttpResponse:
    return render(request, "local/mail.html", {"mail": _mail(key)})


@never_cache
@require_safe
@xframe_options_sameorigin
def mail_html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part alone, for the frame of the page above."""
    html = _mail(key).html
    return HttpResponse(f'<base target="_blank">{html}', headers={"Content-Security-Policy": SEALED})


def _mail(key: str) -> maildir.Mail:
    try:
        return maildir.one(Path(settings.MAIL_FOLDER), key)
    except KeyError:
        raise Http404 from None
