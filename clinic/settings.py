"""The one settings module. What differs between installations comes from the environment.

In production a missing secret stops the start with a sentence; in development `make run` sets everything.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

STEADY_ENV = env("STEADY_ENV", default="production")
if STEADY_ENV not in {"development", "production"}:
    raise ImproperlyConfigured(f"STEADY_ENV is {STEADY_ENV!r}; it is either development or production.")
DEVELOPMENT = STEADY_ENV == "development"
DEBUG = False


def required(name: str, purpose: str) -> str:
    if value := env(name, default=""):
        return str(value)
    raise ImproperlyConfigured(f"{name} is not set: {purpose}. Set it in the environment, or use `make run`.")


SECRET_KEY = required("SECRET_KEY", "a long random text that signs sessions and links")
BASE_URL = required("BASE_URL", "the address people open, such as https://clinic.example").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname])
CSRF_TRUSTED_ORIGINS = [BASE_URL]

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "clinic",
    "programs",
    "patients",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "clinic.long_forms.long_forms",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinic.middleware.ClinicMiddleware",
]

ROOT_URLCONF = "clinic.urls"
INSIDE_URLCONF = "clinic.urls_inside"
WSGI_APPLICATION = "clinic.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "clinic.context_processors.clinic",
            ],
        },
    }
]

# The database: the role of the web and the workers owns nothing and passes the wall like everybody.
DATABASES = {
    "default": {
        **env.db_url_config(
            required("DATABASE_URL", "postgres://steady_app:password@host/name, the application's role")
        ),
        "ENGINE": "clinic.database",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
}
DISPATCHER_DATABASE_URL = env("DISPATCHER_DATABASE_URL", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = required("REDIS_URL", "redis://:password@host:6379/0, which wakes the workers")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Tasks: the database is the queue, Redis only wakes the workers. A Redis that hangs must not hang a page.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 0.5,
    "queue_order_strategy": "round_robin",
}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 90
CELERY_TASK_SOFT_TIME_LIMIT = 60
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "dispatch": {"task": "clinic.tasks.dispatch", "schedule": 60.0, "options": {"expires": 55}},
}

EMAIL_CONFIG = env.email_url_config(required("EMAIL_URL", "smtp://user:password@host:587, the mail server"))
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = required(
    "DEFAULT_FROM_EMAIL", "the sender of every email, such as Steady Knee <knee@clinic.example>"
)
# What the mail provider tells of bounces and complaints is believed where this key signed it; without it, nothing is.
MAILGUN_SIGNING_KEY = env("MAILGUN_SIGNING_KEY", default="")
MAIL_FOLDER = env("MAIL_FOLDER", default="")
# What waits in the outbox, who writes it, and which task finds it due: named as text, so the apps above stay above.
MESSAGE_WRITERS = {
    "weekly_summary": "patients.summaries.write_weekly_summary",
    "alerts_at_once": "patients.at_once.write_alerts",
    "alerts_instead": "patients.at_once.write_alerts_instead",
    "clinic_week": "patients.summaries.write_clinic_week",
    "own_week": "patients.own_week.write_own_week",
    "reminder_email": "patients.reminders.write_email",
    "reminder_push": "patients.reminders.write_push",
}
# What is removed from the outbox after a time. The database has the same kinds and no shorter a time.
FORGOTTEN = ["reminder_email", "reminder_push"]
REMINDERS_KEPT = timedelta(days=90)
WEEKLY_TASK = "patients.tasks.queue_weekly_summaries"
DUE_FINDERS = [
    "patients.own_week.find_due",
    "patients.reminders.find_due",
    "patients.actions.nightly.find_due",
    "patients.at_once.find_untold",
]
# Reminders on a phone: without a key there are only those by email. Loopback is for tests alone.
VAPID_PRIVATE_KEY = env("VAPID_PRIVATE_KEY", default="")
PUSH_TO_LOOPBACK = False

# Sign-in: staff with a password, patients with an emailed code or an invitation.
AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "clinic.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900  # the email says 15 minutes
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# A whole clinic sits behind one address: limits are per account, the address only a high ceiling. Behind a proxy every
# address is the proxy's, unless its number says how many to trust.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "300/m/ip,5/5m/key",
    "request_login_code": "60/m/ip,3/m/key",
    "reset_password": "60/m/ip,5/m/key",
    "reset_password_from_key": "300/m/ip",
    "reauthenticate": "10/m/user",
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
# The language of a patient's record: named as text, so the apps above stay above.
LANGUAGE_OF_RECORD = "patients.languages.language_of_record"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
# In development static files are served from where they are written.
STATIC_ROOT = None if DEVELOPMENT else Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Steady Knee API",
    "DESCRIPTION": (
        "What a patient was prescribed, what they logged, and their adherence by week. "
        "Sign in at [/account/login/](/account/login/) first: requests carry its cookies, and a POST the header "
        "`X-CSRFToken` with the value of the cookie `csrftoken`."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "LICENSE": {"name": "AGPL-3.0-or-later"},
    "TAGS": [{"name": "plan"}, {"name": "logs"}, {"name": "adherence"}],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "AdherenceBand": "patients.api.serializers.weeks.BANDS",
        "SkipReason": "patients.models.Log.SkipReason",
        "Knee": "patients.models.Knee",
        "BandKind": "programs.models.Exercise.Band",
        "CountedIn": "programs.models.Exercise.CountedIn",
        "Provenance": "patients.models.Log.Provenance",
    },
}

# The staff's site. What it shows of the apps above is named as text.
CLINICIANS, OWNERS = "clinic.site.is_clinician", "clinic.site.is_owner"


def menu_item(title: Any, icon: str, page: str, permission: str | None = None, **query: str) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{page}", query=query or None)
    return {"title": title, "icon": icon, "link": link, "permission": permission}


def shades(colours: str) -> dict[str, str]:
    names = [50, *range(100, 1000, 100), 950]
    return {str(name): colour for name, colour in zip(names, colours.split(), strict=True)}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "clinic.site.clinic_name",
    "SITE_HEADER": "clinic.site.clinic_name",
    "SITE_SUBHEADER": "Steady Knee",
    "SITE_URL": None,
    "SITE_ICON": "clinic.site.mark",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "clinic.site.favicon"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": ["clinic.site.stylesheet", "clinic.site.frame_stylesheet"],
    "DASHBOARD_CALLBACK": "patients.admin.dashboard.dashboard",
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "base": shades("#f7f6f1 #efeee7 #dcdad0 #c3c6be #93a09e #5f6f6e #4a5b5c #33413f #223031 #192425 #0f1718"),
        "primary": shades("#eef7f5 #d9ece8 #b3dbd4 #a5e4dc #7fd3c9 #7fd3c9 #0b5b5d #07484a #063a3c #1c3c3c #04282a"),
    },
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    menu_item(_("This week"), "today", "index"),
                    menu_item(_("Patients"), "group", "patients_patient_changelist"),
                    menu_item(_("Programs"), "assignment", "programs_program_changelist", CLINICIANS),
                ]
            },
            {
                "title": _("To choose from"),
                "items": [
                    menu_item(_("Exercises"), "exercise", "programs_exercise_changelist", CLINICIANS),
                    menu_item(_("Bands"), "all_inclusive", "programs_bandladder_changelist", CLINICIANS),
                ],
            },
            {
                "title": _("The clinic"),
                "items": [
                    menu_item(_("Staff"), "badge", "clinic_membership_changelist", OWNERS),
                    menu_item(_("Away"), "event_busy", "clinic_deputy_changelist", CLINICIANS),
                    menu_item(_("Weekly emails"), "outbox", "clinic_message_changelist", OWNERS),
                    menu_item(_("Settings"), "settings", "clinic_clinic_changelist", OWNERS),
                ],
            },
        ],
    },
}

# What the staff's search offers beside the menu, and who finds what, in this order.
ACTIONS: list[dict[str, Any]] = [
    menu_item(_("New patient"), "person_add", "patients_patient_add", CLINICIANS),
    menu_item(_("Import patients"), "upload_file", "patients_patient_import_records", CLINICIANS),
    menu_item(_("New program"), "add_notes", "programs_program_add", CLINICIANS),
    menu_item(_("Prescribe…"), "clinical_notes", "patients_patient_changelist", CLINICIANS, show="unprescribed"),
    menu_item(_("New member of staff"), "badge", "clinic_membership_add", OWNERS),
    menu_item(_("My weekly email"), "mail", "patients_patient_summary", CLINICIANS),
    menu_item(_("The clinic's weekly email"), "mail", "patients_patient_clinic_week", OWNERS),
    menu_item(_("Change password"), "key", "password_change"),
]
FINDERS = [
    "patients.admin.finding.patients",
    "programs.admin.finding.programs",
    "clinic.menu.actions",
    "clinic.menu.pages",
]

# Security. Nothing is loaded from another host; nothing that holds health data is stored by a cache.
SECURE_COOKIES = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_AGE = 90 * 24 * 3600
SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_REDIRECT_EXEMPT = [r"^health/(work/)?$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_COOKIES
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# Nothing is uploaded, so nothing that strangers send is kept on a disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "clinic.logs.WithoutLinks"}},
    "formatters": {"line": {"format": "{levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
