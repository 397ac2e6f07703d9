"""The long-running processes, the same for `make run` and docker-compose.yml. `python` stands for the interpreter."""


def web(*, bind: str) -> list[str]:
    # No access log: paths hold sign-in links.
    gunicorn = ["python", "-m", "gunicorn", "clinic.wsgi", f"--bind={bind}"]
    threads = ["--worker-class=gthread", "--workers=2", "--threads=4"]
    return [*gunicorn, *threads, "--preload", "--graceful-timeout=10", "--no-control-socket"]


def worker() -> list[str]:
    return [
        "python",
        "-m",
        "celery",
        "--app=clinic",
        "worker",
        "--concurrency=2",
        "--loglevel=INFO",
        "--without-gossip",
    ]


def beat() -> list[str]:
    # The database knows what is due, so beat has nothing to remember in a file.
    celery = ["python", "-m", "celery", "--app=clinic", "beat", "--loglevel=INFO"]
    return [*celery, "--scheduler=celery.beat.Scheduler", "--pidfile="]
