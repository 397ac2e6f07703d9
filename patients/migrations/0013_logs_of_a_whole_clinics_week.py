from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0012_when_answers_arrived'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='log',
            index=models.Index(condition=models.Q(('replaced_at', None), ('withdrawn_at', None)), fields=['clinic', 'date'], name='patients_log_of_a_date'),
        ),
    ]
