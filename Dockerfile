# docker build --build-arg VERSION=$(npm pkg get version | tr -d '"') --build-arg REVISION=$(git rev-parse HEAD) .

FROM node:24-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY scripts scripts
COPY src src
RUN npm run build

FROM gcr.io/distroless/nodejs24-debian13:nonroot
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="dualstack-operator" \
      org.opencontainers.image.description="Tells whether a Kubernetes cluster is really dual-stack (IPv4 and IPv6), what is not, what broke it, and how to mend it" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Beside the program: the licences of what is bundled in it, and the list of the packages behind it.
COPY --from=build /src/dist/dualstack-operator.mjs /src/dist/dualstack-operator.mjs.LEGAL.txt /src/dist/dualstack-operator.cdx.json /app/
USER 65532:65532
EXPOSE 8080
# New objects get little room: most are garbage within a millisecond, and what there is room for is filled before it is collected. The parser of
# HTTP in WebAssembly is quick enough as it is; to make it quicker takes 25 MB that are never given back.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering", "/app/dualstack-operator.mjs"]
CMD ["run"]
