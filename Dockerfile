# docker buildx build --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse HEAD) --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) \
#   --platform linux/amd64,linux/arm64 .
# The bases are named by tags, which move. A release names what it was built on, as docs/image.md shows: BUILD_IMAGE and RUNTIME_IMAGE with @sha256:….

ARG BUILD_IMAGE=node:24-trixie-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

# What is built is JavaScript and the same for every platform, so it is built on the builder's own.
FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
ARG SOURCE_DATE_EPOCH=0
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# No package runs anything when it is installed: Node is here, and esbuild's program needs nothing done.
RUN npm ci --ignore-scripts --no-audit --no-fund
# Without tsconfig.json esbuild writes another program than the one that is tested.
COPY LICENSE tsconfig.json ./
COPY scripts scripts
COPY src src
# Modes and times of files go into the digest of a layer.
RUN npm run build \
 && mkdir -p /image/app \
 && cp LICENSE dist/dualstack-operator.mjs dist/dualstack-operator.mjs.LEGAL.txt dist/dualstack-operator.cdx.json /image/app/ \
 && chmod 644 /image/app/* \
 && chmod 755 /image/app \
 && touch -d "@${SOURCE_DATE_EPOCH}" /image/app/* /image/app /image

FROM ${RUNTIME_IMAGE}
ARG RUNTIME_IMAGE
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dualstack-operator" \
      org.opencontainers.image.description="Determines whether a Kubernetes cluster is really dual-stack (IPv4 and IPv6), what is not, what broke it, and how to fix it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}"
# Beside the program: its license, those of what is bundled in it, and the list of the packages behind it.
COPY --from=build /image/ /
USER 65532:65532
EXPOSE 8080 8081
# New objects get little room: most are garbage within a millisecond, and what there is room for is filled before it is collected. The parser of
# HTTP in WebAssembly is quick enough as it is; to make it quicker takes 25 MB that are never given back.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering", "/app/dualstack-operator.mjs"]
CMD ["run"]
