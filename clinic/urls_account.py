"""The pages of allauth that we use. Others add an address or set a password: from an emailed code to a password."""

from allauth.account.urls import urlpatterns as all_pages

USED = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",  # closed by the adapter, and named by other pages
    "account_reauthenticate",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_request_login_code",
    "account_confirm_login_code",
}

urlpatterns = [page for page in all_pages if page.name in USED]
