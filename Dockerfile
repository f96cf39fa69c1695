# fapitest as one static binary, beside a Chromium that plays the end user:
#
#     docker build -t fapitest .
#     docker run --rm -v "$PWD:/work" -e BANK_PASSWORD fapitest run -t target.yaml
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
ARG COMMIT=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.builtVersion=${VERSION} -X main.builtCommit=${COMMIT}" -o /fapitest ./cmd/fapitest

FROM debian:bookworm-slim
# A browser has to be the newest of its distribution: a pinned one could not be installed a month later.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates chromium-headless-shell \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /fapitest /usr/local/bin/fapitest
WORKDIR /work
# As root: a container has no user namespaces for Chromium's sandbox, and fapitest starts it without one only as root. Reports go to a volume that may be anybody's, too.
# With --user and --consent form the pages are driven without a browser.
ENTRYPOINT ["fapitest"]
