"""What a phone keeps so that today's exercises work without a signal: no name, no history, nothing of a session.

The pages are fetched by `static/js/patient.js` and served by the service worker, `templates/patients/worker.js`.
"""

import hashlib
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.requests import ClinicRequest
from patients.actions.mornings import MOST
from patients.forms.entry import SkipForm
from patients.forms.sets import SetsForm
from patients.today.coming import coming
from patients.views.records import own_patient

FILES = [
    "css/steady.css",
    "css/parts.css",
    "css/illustrations.css",
    "css/session.css",
    "css/progress.css",
    "img/mark.svg",
    "img/favicon.svg",
    "img/icon-192.png",
    "vendor/htmx.min.js",
    "js/store.js",
    "js/patient.js",
    "js/aloud.js",
    "js/queue.js",
    "js/session.js",
    "js/offline.js",
]
COLOURS = {"theme_color": "#0b5b5d", "background_color": "#f4f3ed"}
ICONS = [
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("maskable-512.png", "512x512", "maskable"),
]


@require_safe
def without_signal(request: ClinicRequest, patient: UUID) -> HttpResponse:
    """The doses of today and of the days around it, and the whole of a session."""
    own, today = own_patient(request, patient), request.clinic.today(timezone.now())
    stretches = coming(own.pk, today)
    context = {
        "patient": own,
        "today": today,
        "stretches": stretches,
        "known_until": stretches[-1].last,
        "forms": {form.kind: form() for form in (SkipForm, SetsForm)},
        "numbers": range(MOST + 1),
        "without_signal": True,
    }
    return render(request, "patients/offline.html", context)


@require_safe
def manifest(request: ClinicRequest, patient: UUID) -> JsonResponse:
    """What makes the page an app. Its name tells nobody who looks at the phone whose it is, or which clinic's."""
    own_patient(request, patient)
    start = reverse("today", args=[patient])
    icons = [
        {"src": static(f"img/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes, purpose in ICONS
    ]
    language, right_to_left = translation.get_language(), translation.get_language_bidi()
    words = {
        "name": "Steady Knee",
        "short_name": "Steady Knee",
        "lang": language,
        "dir": "rtl" if right_to_left else "ltr",
    }
    app = {"id": start, "start_url": start, "scope": reverse("my-records"), "display": "standalone", "icons": icons}
    return JsonResponse(words | app | COLOURS, content_type="application/manifest+json")


@never_cache
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the files that it keeps. It stands at the top, so that it may serve every clinic."""
    context = {"version": version(), "files": [static(name) for name in FILES]}
    return render(request, "patients/worker.js", context, content_type="text/javascript")


@require_safe
def nothing_kept(request: HttpRequest) -> HttpResponse:
    """What is shown without a signal where nothing was kept."""
    return render(request, "patients/nothing_kept.html")


@cache
def version() -> str:
    """Changes with the files, so that a phone takes all of them anew."""
    written = (Path(settings.BASE_DIR, "static", name).read_bytes() for name in FILES)
    return hashlib.sha256(b"".join(written)).hexdigest()[:12]
