# What a newcomer types: make run, make test. Both install what they need, and say so.

SHELL      := /bin/bash
TOOLS      := $(CURDIR)/bin
LINT       := $(TOOLS)/golangci-lint
LINT_VERSION := v2.15.0
COMMIT     := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
VERSION    := $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
FAPITEST   := $(TOOLS)/fapitest
CHROMIUM   := $(shell command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome)

AXE := reports/html/testdata/axe

.PHONY: help full run test hostile fuzz selftest docs docs-check targets targets-and-long target repeat bench build lint unit long chromium node axe peers clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/    make \1\t\2/' | expand -t 24

run: chromium build ## test the bank that comes with fapitest, through Chromium
	$(FAPITEST) run

# Other people's servers wait for clocks most of the time: beside the self-test they leave no processor idle.
test: chromium node axe build lint unit ## everything: what CI runs
	@$(MAKE) --no-print-directory -j2 docs-check targets-and-long
	@echo "everything passed"

targets-and-long: targets
	@$(MAKE) --no-print-directory long

build: ## the binary, in bin/
	go build -ldflags "-X main.builtVersion=$(VERSION) -X main.builtCommit=$(COMMIT)" -o $(FAPITEST) ./cmd/fapitest

lint: $(LINT) ## vet and lint; the arrows of the design are among it
	go vet ./...
	$(LINT) run ./...

$(LINT):
	@echo "installing golangci-lint $(LINT_VERSION) into bin/ (some minutes the first time)"
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

# What is started with the race detector in it waits a second before it ends if it is not told otherwise.
unit: chromium peers axe ## the tests, with the race detector
	GORACE=atexit_sleep_ms=20 go test -race -timeout 30m ./...

long: ## the conversations, and what else is too long for the race detector
	go test -timeout 20m -run 'TestConversations|NoSecret|TestReferenceThroughChromium|ThatDies|TestInterrupted|TestCarelessBank' ./cmd/fapitest ./suites/selftest

hostile: build ## run fapitest against banks that mean harm: what came of each, in what time and memory
	go run ./cmd/hostile -fapitest $(FAPITEST)

full: ## that the short self-test comes to the same as one that runs everything, and what each consent driver can tell (some minutes; not in make test)
	go test -timeout 20m -run 'TestShortAgreesWithFull|TestWhatADriverCanTell' ./suites/selftest

selftest: build ## reference, eccentrics, mutants as every client: the matrix (some of it is in make test)
	$(FAPITEST) selftest --every-client

docs: build ## write the generated documents
	$(FAPITEST) selftest --format markdown > docs/matrix.md.new && mv docs/matrix.md.new docs/matrix.md
	$(FAPITEST) list --format markdown > docs/requirements.md.new && mv docs/requirements.md.new docs/requirements.md
	$(FAPITEST) check --keys > docs/target.md.new && mv docs/target.md.new docs/target.md

# The self-test, and whether the generated documents say what it says.
docs-check: build
	@$(FAPITEST) list --format markdown | diff -u docs/requirements.md - || { echo "docs/requirements.md is out of date: make docs"; exit 1; }
	@$(FAPITEST) check --keys | diff -u docs/target.md - || { echo "docs/target.md is out of date: make docs"; exit 1; }
	@$(FAPITEST) selftest --format markdown > bin/matrix.md
	@diff -u docs/matrix.md bin/matrix.md || { echo "docs/matrix.md is out of date: make docs"; exit 1; }

# Several hundred journeys a server: by the form driver, which has the same pages in a quarter of the time. make target TARGET=… CONSENT=browser has
# Chromium make them; that it comes to the same is seen on three clauses each time. What a target file has behind "# make:" its run is given as well.
CONSENT ?= form

targets: chromium node build ## test other people's servers, each target*.yaml held to its known*.yaml
	@for target in fixtures/targets/*/; do $(MAKE) --no-print-directory target TARGET=$${target%/} || exit 1; done

target: build
	@set -e; $(TARGET)/start --background; trap '$(TARGET)/start stop' EXIT; code=0; \
	for file in $(TARGET)/target*.yaml; do \
		variant=$$(basename $$file .yaml); variant=$${variant#target}; \
		$(FAPITEST) run -t $$file $$(sed -n 's/^# make: //p' $$file) --consent $(CONSENT) --expect $(TARGET)/known$$variant.yaml -o fapitest-report/$(notdir $(TARGET))$$variant || code=$$?; \
	done; \
	$(FAPITEST) run -t $(TARGET)/target.yaml --consent browser --no-waits -o fapitest-report/$(notdir $(TARGET))-browser FAPI2-SP-5.3.2.1-7 FAPI2-SP-5.3.2.2-1a FAPI2-SP-5.3.2.2-7 > fapitest-report/browser.txt || { cat fapitest-report/browser.txt; code=3; }; \
	exit $$code

# Twenty runs with other seeds and numbers of workers; the server has to be running.
repeat: chromium build ## test one server twenty times and say which verdicts flicker: make repeat FILE=fixtures/targets/NAME/target.yaml
	go run ./cmd/repeat -fapitest $(FAPITEST) -t $(FILE)

# One at a time, each for as long as FUZZ says. What is found is kept below testdata/fuzz beside its test, and tried by make test ever after.
FUZZ ?= 60s

fuzz: ## every fuzzer of what parses strangers' words, a minute each
	@set -e; grep -rlE '^func Fuzz' --include='*_test.go' . | sort | while read -r file; do \
		grep -oE '^func Fuzz[A-Za-z]+' "$$file" | cut -c6- | while read -r name; do \
			echo "$$name ($$(dirname "$$file"))"; \
			go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZ) "./$$(dirname "$$file")" || exit 1; \
		done || exit 1; \
	done

bench: chromium build ## how close runs come to the least they could take: writes docs/benchmarks.md (a quarter of an hour)
	go run ./cmd/bench -fapitest $(FAPITEST) > bin/benchmarks.md && mv bin/benchmarks.md docs/benchmarks.md

chromium:
ifeq ($(CHROMIUM),)
	@echo "installing Chromium from the system's packages"
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium
endif

axe: node
	@test -f $(AXE)/node_modules/axe-core/axe.min.js || { echo "installing axe-core, by which the report's accessibility is tested"; npm ci --silent --no-audit --no-fund --prefix $(AXE); }

node:
	@command -v node >/dev/null && command -v npm >/dev/null && command -v openssl >/dev/null || { echo "installing Node.js from the system's packages"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq nodejs npm openssl; }

# What the prober of TLS is held to. Without them its tests of that are skipped.
peers:
	@command -v openssl >/dev/null && command -v gnutls-serv >/dev/null || { echo "installing OpenSSL and GnuTLS from the system's packages"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq openssl gnutls-bin; }

clean: ## remove what was made
	rm -rf bin fapitest-report
