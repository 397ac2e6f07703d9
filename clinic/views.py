from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import BadRequest, ValidationError
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clinic import links, unsubscribing
from clinic.actions import access
from clinic.actions.summaries import choose_clinic_week, choose_summaries
from clinic.languages import first_of, language_of_record, language_of_user
from clinic.models import Canary, Clinic, Membership, Role, Summaries, User
from clinic.wall.scope import clinic_scope, user_scope


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The way to where somebody belongs: straight there if there is one place, a choice where there are several."""
    if not request.user.is_authenticated:
        return render(request, "home.html")
    places = places_of(request.user)
    if len(places) == 1:
        return redirect(places[0]["url"])
    with translation.override(first_of(language_of_user(request.user), translation.get_language() or "")):
        return render(request, "clinic/choose.html", {"places": places})


def places_of(user: User) -> list[dict[str, str]]:
    """Each clinic that the user works in, and each in which they are a patient."""
    with user_scope(user.pk):
        active = Membership.objects.active().filter(user=user)
        memberships = list(active.select_related("clinic").order_by("clinic__name"))
    places = {
        (membership.clinic.slug, membership.is_staff): {
            "clinic": membership.clinic.name,
            "role": membership.get_role_display(),
            "url": links.inside(membership.clinic, "admin:index" if membership.is_staff else "my-records"),
        }
        for membership in memberships
    }
    return list(places.values())


@never_cache
def invitation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """A link opens the page; only its button signs in, for mail scanners open every link.

    One that never was is answered alike, whether its clinic exists or not. One that was is in its record's language.
    """
    clinic = Clinic.objects.filter(slug=slug).first()
    found = access.find(clinic=clinic, token=token) if clinic else None
    if clinic is None or found is None:
        return render(request, "clinic/invitation_unusable.html", status=410)
    with clinic_scope(clinic.pk):
        language = language_of_record(clinic, found.record)
    with translation.override(first_of(language, translation.get_language() or "")):
        response = open_invitation(request, clinic, token)
        response["Content-Language"] = translation.get_language()
        return response


def open_invitation(request: HttpRequest, clinic: Clinic, token: str) -> HttpResponse:
    now, known = timezone.now(), {"inviting_clinic": clinic}
    if not access.is_usable(clinic=clinic, token=token, now=now):
        return render(request, "clinic/invitation_unusable.html", known, status=410)
    if request.method != "POST":
        return render(request, "clinic/invitation.html", known)
    try:
        user = access.accept(clinic=clinic, token=token, now=now)
    except access.InvitationUnusable:
        return render(request, "clinic/invitation_unusable.html", known, status=410)
    login(request, user)
    return redirect(links.inside(clinic, "my-records"))


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def weekly_email(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and only POST acts: mail scanners open every link. The token is all that is needed, so that a mail
    program can stop it in one click (RFC 8058). It can do nothing but choose how often this one person gets it."""
    try:
        clinic_id, pk = unsubscribing.read(token)
    except ValueError:
        raise Http404 from None
    with clinic_scope(clinic_id), translation.override(settings.LANGUAGE_CODE):
        recipient = get_object_or_404(Membership.objects.select_related("clinic"), pk=pk)
        if request.method == "POST":
            try:
                choose_summaries(by=recipient, choice=request.POST.get("choice", Summaries.OFF))
            except ValidationError as error:
                raise BadRequest(error.messages[0]) from error
        others = [choice for choice in Summaries if choice != recipient.summaries]
        context = {
            "recipient": recipient,
            "changed": request.method == "POST",
            "choices": sorted(others, key=lambda choice: choice != Summaries.OFF),
            "is_owner": recipient.role == Role.OWNER,
            "site": links.inside(recipient.clinic, "admin:patients_patient_summary"),
        }
        return render(request, "clinic/weekly_email.html", context)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def clinic_week(request: HttpRequest, token: str) -> HttpResponse:
    """The same for the clinic's weekly email: a POST stops it, or with `choice=on` brings it back."""
    try:
        clinic_id, pk = unsubscribing.read(token, "clinic-week")
    except ValueError:
        raise Http404 from None
    with clinic_scope(clinic_id), translation.override(settings.LANGUAGE_CODE):
        recipient = get_object_or_404(Membership.objects.select_related("clinic"), pk=pk)
        if request.method == "POST":
            choose_clinic_week(by=recipient, wanted=request.POST.get("choice") == "on")
        context = {
            "recipient": recipient,
            "changed": request.method == "POST",
            "site": links.inside(recipient.clinic, "admin:patients_patient_clinic_week"),
        }
        return render(request, "clinic/clinic_week.html", context)


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """For load balancers: 200 where the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"database": "ok"})


@never_cache
@require_safe
def health_of_work(request: HttpRequest) -> JsonResponse:
    """For monitoring: 503 where beat, Redis and a worker have not worked together lately, or mail piles up.

    The site itself serves on meanwhile, so a load balancer asks the other one.
    """
    last, now = Canary.objects.first(), timezone.now()
    told = {"at": last.at.isoformat(), "overdue": last.overdue} if last else {"at": None}
    return JsonResponse(told, status=200 if last and last.sings(now) else 503)
