"""What a patient's page of one day shows. It only reads: the same few queries, however much was logged."""
