import clinic.wall.constraints
import clinic.wall.fields
import clinic.wall.scope
import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a patient said of the morning after is never deleted nor changed: a correction is a row of its own."""

    dependencies = [
        ('clinic', '0004_the_clinics_colour'),
        ('patients', '0006_what_was_prescribed_stays'),
    ]

    operations = [
        migrations.CreateModel(
            name='NextMorning',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('date', models.DateField(help_text='Of the session, not of the morning.')),
                ('pain', models.PositiveSmallIntegerField(verbose_name='pain on the next morning')),
                ('entered_at', models.DateTimeField()),
                ('provenance', models.CharField(choices=[('live', 'entered on the day'), ('late', 'entered on one of the two days after'), ('held', 'entered in time, arrived later'), ('staff', 'entered by the clinic')], max_length=5)),
                ('replaced_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('clinic', clinic.wall.fields.ClinicKey(db_index=False, default=clinic.wall.scope.open_clinic_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('entered_by', clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.membership')),
                ('patient', clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='next_mornings', to='patients.patient')),
                ('replaces', clinic.wall.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='patients.nextmorning')),
                ('withdrawn_by', clinic.wall.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.membership')),
            ],
            options={
                'ordering': ['date', 'entered_at'],
                # The wall first: its primary key is what a row that replaces another refers to.
                'constraints': [clinic.wall.constraints.ClinicWall(name='patients_nextmorning_wall'), models.UniqueConstraint(condition=models.Q(('replaced_at', None), ('withdrawn_at', None)), fields=('clinic', 'patient', 'date'), name='patients_nextmorning_one_stands'), models.UniqueConstraint(fields=('clinic', 'replaces'), name='patients_nextmorning_replaced_once'), models.CheckConstraint(condition=models.Q(('pain__lte', 10)), name='patients_nextmorning_pain'), models.CheckConstraint(condition=models.Q(('replaces', models.F('id')), _negated=True), name='patients_nextmorning_replaces_another'), clinic.wall.constraints.ClinicReference(field='patient', name='patients_nextmorning_patient_id_clinic'), clinic.wall.constraints.ClinicReference(field='entered_by', name='patients_nextmorning_entered_by_id_clinic'), clinic.wall.constraints.ClinicReference(field='replaces', name='patients_nextmorning_replaces_id_clinic'), clinic.wall.constraints.ClinicReference(field='withdrawn_by', name='patients_nextmorning_withdrawn_by_id_clinic')],
            },
        ),
        migrations.RunSQL(
            """
            REVOKE DELETE, UPDATE ON patients_nextmorning FROM steady_app;
            GRANT UPDATE (replaced_at, withdrawn_at, withdrawn_by_id) ON patients_nextmorning TO steady_app;
            """,
            "GRANT DELETE, UPDATE ON patients_nextmorning TO steady_app",
        ),
    ]
