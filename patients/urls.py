from datetime import date

from django.urls import path, register_converter

from patients.views import days, morning, offline, own_week, progress, records, red_flags, reminders


class Day:
    regex = r"\d{4}-\d{2}-\d{2}"
    to_python = staticmethod(date.fromisoformat)
    to_url = staticmethod(str)


register_converter(Day, "day")

urlpatterns = [
    path("", records.my_records, name="my-records"),
    path("<uuid:patient>/", days.today, name="today"),
    path("<uuid:patient>/language/", records.language, name="language"),
    path("<uuid:patient>/offline/", offline.without_signal, name="offline"),
    path("<uuid:patient>/manifest.webmanifest", offline.manifest, name="manifest"),
    path("<uuid:patient>/red-flags/", red_flags.red_flags, name="red-flags"),
    path("<uuid:patient>/red-flags/stop/", red_flags.stop, name="red-flags-stop"),
    path("<uuid:patient>/correct/<uuid:log>/", days.correct, name="correct"),
    path("<uuid:patient>/withdraw/<uuid:log>/", days.withdraw, name="withdraw"),
    path("<uuid:patient>/progress/", progress.progress, name="progress"),
    path("<uuid:patient>/reminders/", reminders.reminders, name="reminders"),
    path("<uuid:patient>/my-week/", own_week.own_week, name="own-week"),
    path("<uuid:patient>/morning/<day:day>/", morning.morning, name="morning"),
    path("<uuid:patient>/morning/<day:day>/withdraw/", morning.withdraw, name="morning-withdraw"),
    path("<uuid:patient>/<day:day>/", days.day, name="day"),
    path("<uuid:patient>/<day:day>/session/", days.session, name="session"),
    path("<uuid:patient>/<day:day>/log/", days.log, name="log"),
]
