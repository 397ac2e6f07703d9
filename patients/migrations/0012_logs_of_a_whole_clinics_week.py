from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0009_deputies_with_dates'),
        ('patients', '0011_decisions_and_what_tells_alerts'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='log',
            index=models.Index(condition=models.Q(('replaced_at', None), ('withdrawn_at', None)), fields=['clinic', 'date'], name='patients_log_of_a_date'),
        ),
    ]
