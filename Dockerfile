# syntax=docker/dockerfile:1
# The grading image: the grader and its locked packages.  The course is mounted, so no hidden test and no secret is in a layer.
#
#   docker build --tag autograder .
#   docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     --env AUTOGRADER_SECRET --volume "$PWD:/course:ro" --volume "$PWD/grades:/grades" \
#     autograder grade u03_backprop /course/submitted --out /grades
#
# For units that use PyTorch: docker build --build-arg EXTRAS=torch --tag autograder:torch .

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/autograder
COPY requirements/core.lock requirements/core.lock
RUN /opt/autograder/bin/python -m pip install --no-cache-dir --requirement requirements/core.lock
COPY pyproject.toml README.md LICENSE ./
COPY autograder autograder
ARG EXTRAS=""
RUN /opt/autograder/bin/python -m pip install --no-cache-dir --constraint requirements/core.lock ".${EXTRAS:+[$EXTRAS]}"

FROM python:3.11-slim-bookworm
# git and ssh fetch students' repositories; Debian's security updates are wanted, so their versions are not pinned.
# hadolint ignore=DL3008
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates git openssh-client
COPY --from=build /opt/autograder /opt/autograder
RUN install --directory --mode=0755 /course \
    && install --directory --mode=0755 --owner=65532 --group=65532 /grades
ENV PATH=/opt/autograder/bin:/usr/local/bin:/usr/bin:/bin \
    AUTOGRADER_COURSE=/course \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1
USER 65532:65532
WORKDIR /grades
ENTRYPOINT ["autograder"]
CMD ["doctor"]
