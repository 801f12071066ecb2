# The server with a workspace image's programs and the runner, for one machine: its workspaces are processes beside it. The context is artifacts/images/server.
#   docker build -t dropit/single -f images/single.Dockerfile artifacts/images/server
ARG WORKSPACE=docker.io/dropit/workspace:all
FROM ${WORKSPACE}
USER root
COPY server /opt/dropit
COPY web /opt/dropit/wwwroot
COPY templates /opt/dropit/templates
RUN apt-get update -q && apt-get install -q -y --no-install-recommends libssl3 libgssapi-krb5-2 && rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/* \
    && mkdir -p /data /home/dropit && chown 1000:1000 /data /home/dropit
ENV DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DROPIT_DATA=/data/dropit DROPIT_BIND=0.0.0.0 DROPIT_RUNNER=/usr/local/bin/dropit-runner HOME=/home/dropit
VOLUME /data
USER 1000:1000
WORKDIR /data
ENTRYPOINT ["/opt/dropit/dropit-server"]
