# What a workspace runs in: one target a family of toolchains, and `all`. The context is artifacts/images/workspace, filled by images/build.
#   docker build --target node -t dropit/workspace:node -f images/workspace.Dockerfile artifacts/images/workspace
ARG DEBIAN=docker.io/library/debian:bookworm-slim
ARG DOTNET=mcr.microsoft.com/dotnet/sdk:10.0

FROM ${DOTNET} AS dotnet-sdk

FROM ${DEBIAN} AS base
COPY toolchains /toolchains
RUN /toolchains/base
COPY dropit-runner /usr/local/bin/dropit-runner
# The user has no name-bound rights anywhere; the pod names the same number again.
USER 1000:1000
WORKDIR /workspace
ENTRYPOINT ["dropit-runner"]

FROM base AS node
USER root
COPY node_modules /node
RUN /toolchains/node && rm -r /node
USER 1000:1000

FROM base AS python
USER root
RUN /toolchains/python
USER 1000:1000

FROM base AS go
USER root
RUN /toolchains/go
USER 1000:1000

FROM base AS cpp
USER root
RUN /toolchains/cpp
USER 1000:1000

FROM base AS dotnet
USER root
COPY --from=dotnet-sdk /usr/share/dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/local/bin/dotnet
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
USER 1000:1000

FROM base AS all
USER root
COPY node_modules /node
RUN /toolchains/node && rm -r /node && /toolchains/python && /toolchains/go && /toolchains/cpp
COPY --from=dotnet-sdk /usr/share/dotnet /usr/share/dotnet
RUN ln -s /usr/share/dotnet/dotnet /usr/local/bin/dotnet
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
USER 1000:1000
