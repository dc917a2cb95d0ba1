# syntax=docker/dockerfile:1
# An image that runs tallybook, and works as a worker of Prefect or Dask: docs/how-to/kubernetes.md.
#   docker build -t tallybook .
# Packages come from where pip in the build looks; requirements.lock holds them by hash. It is the
# lock of all extras: --build-arg LOCK=requirements-run.lock leaves out what a daily run on a disk
# does not need, Dask and object storage among it.

FROM python:3.11-slim AS build
ARG LOCK=requirements.lock
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1
WORKDIR /src
COPY requirements-uv.lock requirements-run.lock requirements.lock ./
RUN python -m venv /opt/tallybook && \
    pip install --require-hashes --target /opt/uv -r requirements-uv.lock && \
    /opt/uv/bin/uv pip install --python /opt/tallybook/bin/python --no-deps --require-hashes -r "$LOCK"
COPY pyproject.toml README.md LICENSE ./
COPY flows flows
COPY schemas schemas
# What is installed is a copy, beside its packages: the later image has no source tree.
RUN /opt/tallybook/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --home-dir /home/tallybook tallybook && \
    install -d -o tallybook -g tallybook /srv/tallybook
COPY --from=build /opt/tallybook /opt/tallybook
# HOME is where Prefect keeps its database; the profiler of Dask's workers is of no use (cluster.md).
ENV PATH=/opt/tallybook/bin:$PATH \
    HOME=/home/tallybook \
    PYTHONUNBUFFERED=1 \
    DO_NOT_TRACK=1 \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=false \
    TALLYBOOK_LAKE=/srv/tallybook/lake
USER 10001
WORKDIR /srv/tallybook
VOLUME /srv/tallybook
CMD ["tallybook", "status"]
