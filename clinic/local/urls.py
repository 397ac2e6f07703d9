from django.urls import path

from clinic.local import views

urlpatterns = [
    path("", views.mail_list, name="mail-list"),
    path("<str:key>/", views.mail, name="mail"),
    path("<str:key>/html/", views.mail_html, name="mail-html"),
]
