from django.db import migrations

from patients.models.search import search_form

# A row that is being found out anew is locked: what is written meanwhile waits for it here, and empties it after that.
FOLLOW = """
INSERT INTO patients_attention (id, clinic_id, patient_id, reasons, urgency)
    SELECT id, clinic_id, id, '[]', 0 FROM patients_patient;

CREATE FUNCTION make_attention() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO patients_attention (id, clinic_id, patient_id, reasons, urgency)
        VALUES (NEW.id, NEW.clinic_id, NEW.id, '[]', 0);
    RETURN NULL;
END
$$;
CREATE TRIGGER attention AFTER INSERT ON patients_patient FOR EACH ROW EXECUTE FUNCTION make_attention();

CREATE FUNCTION empty_attention() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_of record := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    whose uuid;
BEGIN
    IF TG_TABLE_NAME = 'clinic_clinic' THEN
        -- In the order in which several patients are prescribed to, or the two wait for each other.
        PERFORM FROM patients_attention WHERE clinic_id = row_of.id ORDER BY patient_id FOR NO KEY UPDATE;
        UPDATE patients_attention SET good_until = NULL WHERE clinic_id = row_of.id;
        RETURN NULL;
    ELSIF TG_TABLE_NAME IN ('patients_prescription', 'patients_pause') THEN
        SELECT patient_id INTO whose FROM patients_course
            WHERE clinic_id = row_of.clinic_id AND id = row_of.course_id;
    ELSE
        whose := row_of.patient_id;
    END IF;
    UPDATE patients_attention SET good_until = NULL WHERE clinic_id = row_of.clinic_id AND patient_id = whose;
    RETURN NULL;
END
$$;
"""
ON_WRITE = "".join(
    f"CREATE TRIGGER attention AFTER INSERT OR UPDATE OR DELETE ON patients_{table}"
    " FOR EACH ROW EXECUTE FUNCTION empty_attention();"
    for table in ("log", "redflagreport", "course", "prescription", "pause")
) + (
    "CREATE TRIGGER attention AFTER UPDATE OF pain_too_much_from, time_zone ON clinic_clinic"
    " FOR EACH ROW EXECUTE FUNCTION empty_attention();"
)
UNFOLLOW = "".join(
    f"DROP TRIGGER attention ON {table};"
    for table in (
        "clinic_clinic",
        "patients_patient",
        "patients_log",
        "patients_redflagreport",
        "patients_course",
        "patients_prescription",
        "patients_pause",
    )
) + "DROP FUNCTION make_attention(); DROP FUNCTION empty_attention(); DELETE FROM patients_attention;"


def fill_search_words(apps, schema_editor):
    Patient = apps.get_model("patients", "Patient")
    patients = list(Patient.objects.only("code", "name", "search_words"))
    for patient in patients:
        patient.search_words = search_form(patient.name, patient.code)
    # By the key of two columns: two clinics may have a record of the same id.
    with schema_editor.connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE patients_patient SET search_words = %s WHERE clinic_id = %s AND id = %s",
            [(patient.search_words, patient.clinic_id, patient.pk) for patient in patients],
        )


class Migration(migrations.Migration):
    """The words that are searched, for who is there already, and the rows that say who needs a look."""

    dependencies = [("patients", "0003_what_the_list_of_patients_asks")]

    operations = [
        migrations.RunPython(fill_search_words, migrations.RunPython.noop),
        migrations.RunSQL(FOLLOW + ON_WRITE, UNFOLLOW),
        migrations.RunSQL(
            "REVOKE UPDATE, DELETE ON patients_recordevent FROM steady_app; REVOKE DELETE ON patients_attention FROM steady_app;",
            "GRANT UPDATE, DELETE ON patients_recordevent TO steady_app; GRANT DELETE ON patients_attention TO steady_app;",
        ),
    ]
