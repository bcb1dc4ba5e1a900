# The steps are those of `make setup`, word for word: what the tests run is what the image holds
# (tests/house/test_dockerfile.py). The venv is built and used at one path, in one base image.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /avviso
RUN python3 -m venv .venv
COPY requirements.lock ./
RUN .venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes --only-binary :all: -r requirements.lock
COPY . .
RUN .venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps --no-build-isolation --editable .
RUN mkdir /data

FROM ${PYTHON_IMAGE}
COPY --from=build /avviso /avviso
# avviso.toml lies on the volume, and beside it SQLite and the rendered pages.
COPY --from=build --chown=10001:10001 /data /data
VOLUME /data
WORKDIR /data
USER 10001:10001
ENV PATH=/avviso/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AVVISO_CONFIG=/data/avviso.toml
EXPOSE 8000
# `docker stop` waits 10 s, and `serve` ends within 10 s of SIGTERM, losing nothing.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
ENTRYPOINT ["avviso"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
