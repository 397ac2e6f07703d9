"""A clinic's thresholds, as the rules of alerts take them."""

from clinic.models import Clinic
from patients.alerts import Thresholds


def limits_of(clinic: Clinic) -> Thresholds:
    return Thresholds(
        pain_too_much=clinic.pain_too_much_from,
        pain_at_once=clinic.alert_pain_at_once,
        morning_rise=clinic.alert_morning_rise,
        mean_rise=clinic.alert_mean_rise,
        below_percent=clinic.alert_below_percent,
        first_session_by=clinic.alert_first_session_by,
        silent_days=clinic.alert_silent_days,
        silent_again_days=clinic.alert_silent_again_days,
        silent_end_days=clinic.alert_silent_end_days,
        skips_for_pain=clinic.alert_skips_for_pain,
        above_due=clinic.alert_above_due,
        ready_beyond=clinic.ready_beyond,
        ready_pain=clinic.ready_pain,
        ready_effort=clinic.ready_effort,
    )
