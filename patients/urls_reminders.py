"""Addresses outside of any clinic: a signed link stops reminders without a sign-in, and a service worker shows them."""

from django.urls import path

from patients.views import reminders

urlpatterns = [
    path("stop/<str:token>/", reminders.stop, name="reminder-stop"),
    path("renew/<str:token>/", reminders.renew, name="reminder-renew"),
    path("worker.js", reminders.worker, name="reminder-worker"),
]
