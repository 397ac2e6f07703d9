"""Addresses outside of any clinic. Those inside one, below /clinic/<slug>/, are in clinic.urls_inside."""

from django.conf import settings
from django.urls import include, path

from clinic import bounces, platform, views

urlpatterns = [
    path("", views.home, name="home"),
    path("account/", include("clinic.urls_account")),
    path("invitation/<slug:slug>/<str:token>/", views.invitation, name="invitation"),
    path("weekly-email/<str:token>/", views.weekly_email, name="weekly-email"),
    path("clinic-week/<str:token>/", views.clinic_week, name="clinic-week"),
    path("email-events/mailgun/", bounces.mailgun, name="email-events-mailgun"),
    path("platform/", platform.outbox, name="platform"),
    path("platform/retry/<uuid:clinic>/<uuid:message>/", platform.retry_message, name="platform-retry"),
    path("health/", views.health, name="health"),
    path("health/work/", views.health_of_work, name="health-of-work"),
    path("reminders/", include("patients.urls_reminders")),
    path("api/v1/", include("patients.api.urls")),
    path("pictures/", include("programs.urls")),
    path("", include("patients.urls_outside")),
]

if settings.DEVELOPMENT:
    urlpatterns.append(path("mail/", include("clinic.local.urls")))
