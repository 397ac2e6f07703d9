"""What the staff's site tells of addresses that the clinic writes to no more, and the way back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.actions.suppressing import lift
from clinic.models import Membership, Suppression
from clinic.site import acting


def people_not_reached() -> list[Membership]:
    """The members of the open clinic, staff and patients, whose address is suppressed. One query."""
    addresses = Suppression.objects.standing().values("address")
    return list(Membership.objects.active().filter(user__email__in=addresses).select_related("user").order_by("name"))


def write_again(request: HttpRequest, address: str, *, back: str, pk: UUID) -> HttpResponse:
    """The answer to the button: `back` is the page it stands on."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if lift(by=acting(request), address=address, now=timezone.now()):
        messages.success(request, _("From now on %(address)s gets emails again.") % {"address": address})
    return redirect(back, pk)
