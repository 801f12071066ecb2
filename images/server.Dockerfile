# All roles of the server; `--roles` chooses. The context is artifacts/images/server, filled by images/build: server (self-contained), web, templates.
#   docker build -t dropit/server -f images/server.Dockerfile artifacts/images/server
ARG DEBIAN=docker.io/library/debian:bookworm-slim
FROM ${DEBIAN}
RUN apt-get update -q && apt-get install -q -y --no-install-recommends ca-certificates git libssl3 libgssapi-krb5-2 \
    && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/*
COPY server /opt/dropit
COPY web /opt/dropit/wwwroot
COPY templates /opt/dropit/templates
# Below the volume's own folder, which belongs to root and cannot be closed to others.
ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DROPIT_DATA=/data/dropit DROPIT_BIND=0.0.0.0
USER 1000:1000
WORKDIR /data
ENTRYPOINT ["/opt/dropit/dropit-server"]
