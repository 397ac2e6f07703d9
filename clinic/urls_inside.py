"""Addresses inside a clinic: the middleware has taken /clinic/<slug> off."""

from django.urls import include, path

from clinic.site import site

urlpatterns = [
    path("my/", include("patients.urls")),
    path("", site.urls),
]
