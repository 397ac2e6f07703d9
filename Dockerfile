FROM python:3.13-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /site
RUN uv venv /venv
COPY pyproject.toml requirements.txt ./
# The runtime packages of pyproject.toml, at the versions and hashes of requirements.txt, without what only tests need.
RUN uv pip install --python /venv --require-hashes --only-binary :all: --requirements pyproject.toml --constraints requirements.txt
COPY . .
# Static files depend on no secret: these values last for one command.
RUN STEADY_ENV=production SECRET_KEY=build BASE_URL=https://build.invalid DEFAULT_FROM_EMAIL=build@build.invalid \
    DATABASE_URL=postgres://build:build@build.invalid/build REDIS_URL=redis://build.invalid EMAIL_URL=smtp://build.invalid:25 \
    /venv/bin/python manage.py collectstatic --no-input

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home steady
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=clinic.settings
COPY --from=build /venv /venv
COPY --from=build /site /site
WORKDIR /site
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-I", "clinic/health.py", "8000"]
CMD ["python", "-m", "gunicorn", "clinic.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", "--threads=4", "--preload", "--graceful-timeout=10", "--no-control-socket"]
