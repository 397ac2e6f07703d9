"""The patients' own pages, below /clinic/<slug>/my/. Staff have the clinic's site and don't act through these."""
