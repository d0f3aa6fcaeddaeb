# The command in a container: Debian, Pango, Chinese fonts, no root. Workbooks lie in /data.
FROM python:3.13-slim-trixie AS build
COPY . /source
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /source

FROM python:3.13-slim-trixie
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.txt
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-deps /wheels/*.whl && useradd --create-home sheetcrm
USER sheetcrm
ENV LANG=C.UTF-8
WORKDIR /data
ENTRYPOINT ["sheetcrm"]
CMD ["--help"]
