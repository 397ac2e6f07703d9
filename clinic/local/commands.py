"""The long-running processes, as `make run` and docker-compose.yml both start them. `python` stands for the interpreter."""


def web(*, bind: str) -> list[str]:
    # No access log: paths hold sign-in links.
    return [
        *["python", "-m", "gunicorn", "clinic.wsgi", f"--bind={bind}", "--preload", "--no-control-socket"],
        *["--worker-class=gthread", "--workers=2", "--threads=4", "--graceful-timeout=10"],
    ]


def worker() -> list[str]:
    return [*["python", "-m", "celery", "--app=clinic", "worker"], *["--concurrency=2", "--loglevel=INFO", "--without-gossip"]]


def beat() -> list[str]:
    # What is due is known by the database, so beat itself has nothing to remember.
    return ["python", "-m", "celery", "--app=clinic", "beat", "--scheduler=celery.beat.Scheduler", "--pidfile=", "--loglevel=INFO"]
