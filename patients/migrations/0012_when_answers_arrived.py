from django.db import migrations, models

PROVENANCE = [
    ('live', 'entered on the day'),
    ('late', 'entered on one of the two days after'),
    ('held', 'entered in time, arrived later'),
    ('staff', 'entered by the clinic'),
]
ON_WRITE = (
    "CREATE TRIGGER attention AFTER INSERT OR UPDATE OR DELETE ON patients_nextmorning"
    " FOR EACH ROW EXECUTE FUNCTION empty_attention();"
)


class Migration(migrations.Migration):
    """Mornings and warning signs may come from a phone that kept them: both times stay, and what came too late waits."""

    dependencies = [('patients', '0011_decisions_and_what_tells_alerts')]

    operations = [
        migrations.AddField('nextmorning', 'received_at', models.DateTimeField(null=True)),
        migrations.AddField('nextmorning', 'accepted', models.BooleanField(default=True, help_text='No: it came too late or off the clock, and waits for staff.')),
        migrations.AddField('redflagreport', 'received_at', models.DateTimeField(null=True)),
        migrations.AddField('redflagreport', 'provenance', models.CharField(choices=PROVENANCE, max_length=5, default='live'), preserve_default=False),
        migrations.RunSQL(
            "UPDATE patients_nextmorning SET received_at = entered_at; UPDATE patients_redflagreport SET received_at = reported_at;",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField('nextmorning', 'received_at', models.DateTimeField()),
        migrations.AlterField('redflagreport', 'received_at', models.DateTimeField()),
        migrations.RemoveConstraint('nextmorning', 'patients_nextmorning_one_stands'),
        migrations.RemoveConstraint('nextmorning', 'patients_nextmorning_replaced_once'),
        migrations.AddConstraint('nextmorning', models.UniqueConstraint(condition=models.Q(('accepted', True), ('replaced_at', None), ('withdrawn_at', None)), fields=('clinic', 'patient', 'date'), name='patients_nextmorning_one_stands')),
        migrations.AddConstraint('nextmorning', models.UniqueConstraint(condition=models.Q(('accepted', True)), fields=('clinic', 'replaces'), name='patients_nextmorning_replaced_once')),
        migrations.RunSQL(
            "GRANT UPDATE (accepted) ON patients_nextmorning TO steady_app;" + ON_WRITE,
            "REVOKE UPDATE (accepted) ON patients_nextmorning FROM steady_app; DROP TRIGGER attention ON patients_nextmorning;",
        ),
    ]
