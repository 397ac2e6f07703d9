import clinic.wall.constraints
import clinic.wall.fields
import clinic.wall.scope
import django.db.models.deletion
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    """What was decided stays as it is, but for a call that is made. The dispatcher learns where an alert was not told."""

    dependencies = [
        ('clinic', '0008_thresholds_of_alerts'),
        ('patients', '0010_alerts'),
    ]

    operations = [
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('pause', 'Paused'), ('revise', 'Program changed'), ('call', 'Call back'), ('seen', 'Seen')], max_length=10)),
                ('week', models.DateField(help_text='Monday of the week that it is about.')),
                ('at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('call_on', models.DateField(blank=True, null=True, verbose_name='call on')),
                ('called_at', models.DateTimeField(blank=True, null=True)),
                ('call_note', models.CharField(blank=True, max_length=500, verbose_name='what was said')),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.AddField(
            model_name='alert',
            name='told_in',
            field=clinic.wall.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, help_text='The message that tells of it at once; none where that is not needed, or nobody is left to tell.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alerts', to='clinic.message'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=clinic.wall.constraints.ClinicReference(field='told_in', name='patients_alert_told_in_id_clinic'),
        ),
        migrations.AddField(
            model_name='decision',
            name='by',
            field=clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.membership'),
        ),
        migrations.AddField(
            model_name='decision',
            name='called_by',
            field=clinic.wall.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.membership'),
        ),
        migrations.AddField(
            model_name='decision',
            name='clinic',
            field=clinic.wall.fields.ClinicKey(db_index=False, default=clinic.wall.scope.open_clinic_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic'),
        ),
        migrations.AddField(
            model_name='decision',
            name='patient',
            field=clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='patients.patient'),
        ),
        migrations.AddField(
            model_name='decision',
            name='prescription',
            field=clinic.wall.fields.TenantForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.prescription'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(condition=models.Q(('called_at', None), ('kind', 'call')), fields=['clinic', 'call_on'], name='patients_decision_to_call'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('week__iso_week_day', 1)), name='patients_decision_week_is_a_monday'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('call_on__isnull', False), ('kind', 'call')), models.Q(models.Q(('kind', 'call'), _negated=True), ('call_on', None)), _connector='OR'), name='patients_decision_date_of_a_call'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'revise'), ('prescription__isnull', False)), models.Q(models.Q(('kind', 'revise'), _negated=True), ('prescription', None)), _connector='OR'), name='patients_decision_prescription_of_a_revision'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('call_note', ''), ('called_at', None), ('called_by', None)), models.Q(('called_at__isnull', False), ('called_by__isnull', False), ('kind', 'call'), models.Q(('call_note', ''), _negated=True)), _connector='OR'), name='patients_decision_who_called_when_and_what'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=clinic.wall.constraints.ClinicReference(field='patient', name='patients_decision_patient_id_clinic'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=clinic.wall.constraints.ClinicReference(field='by', name='patients_decision_by_id_clinic'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=clinic.wall.constraints.ClinicReference(field='prescription', name='patients_decision_prescription_id_clinic'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=clinic.wall.constraints.ClinicReference(field='called_by', name='patients_decision_called_by_id_clinic'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=clinic.wall.constraints.ClinicWall(name='patients_decision_wall'),
        ),
        migrations.RunSQL(
            """
            REVOKE UPDATE, DELETE ON patients_decision FROM steady_app;
            GRANT UPDATE (called_at, called_by_id, call_note) ON patients_decision TO steady_app;
            GRANT SELECT (clinic_id, acknowledged_at, told_in_id) ON patients_alert TO steady_dispatcher;
            """,
            """
            GRANT UPDATE, DELETE ON patients_decision TO steady_app;
            REVOKE ALL ON patients_alert FROM steady_dispatcher;
            """,
        ),
    ]
