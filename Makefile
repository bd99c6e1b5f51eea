# The two commands that matter are `make run` and `make test`; both install what they need.
GO ?= go
VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
ARTIFACTS ?= $(CURDIR)/artifacts

.PHONY: run build sdk test unit e2e lint fuzz bench bench-sdk clean

run: build
	./bin/seatbridge serve $(if $(CONFIG),$(CONFIG))

build: sdk
	@test/need.sh run
	$(GO) build -ldflags '-X main.version=$(VERSION)' -o bin/ ./cmd/...

# The browser SDK and the workbench, which the binary embeds.
sdk: web/sdk/dist/tccc.js

web/sdk/dist/tccc.js: web/sdk/node_modules/.package-lock.json $(shell find web/sdk/src web/sdk/page web/phone -type f)
	@cd web/sdk && npm run -s build && \
		echo "the SDK: $$(wc -c < dist/tccc.js) bytes, $$(gzip -9 -c dist/tccc.js | wc -c) compressed"

web/sdk/node_modules/.package-lock.json: web/sdk/package.json web/sdk/package-lock.json
	@test/need.sh run
	@cd web/sdk && npm ci --silent && touch node_modules/.package-lock.json

test: unit e2e

unit: sdk
	@test/need.sh test
	$(GO) test -race $$($(GO) list ./... | grep -v '^seatbridge/test')
	node --test web/tests/
	cd web/sdk && npm test -s

e2e: sdk
	@test/need.sh test
	@cd test/browser && { [ -d node_modules/playwright-core ] || npm ci --silent; }
	@cd test/ccc && { [ -d node_modules/tencentcloud-sdk-nodejs ] || npm ci --silent; }
	SEATBRIDGE_ARTIFACTS=$(ARTIFACTS) $(GO) test -race -timeout 40m ./test/...

lint:
	@test/need.sh run
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt would change: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test -count=1 -run TestImportsFollowTheMap ./test

# Each fuzz target for a while; TIME=1m by default.
TIME ?= 1m
fuzz:
	@for p in $$($(GO) list ./...); do for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz'); do \
		echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(TIME) $$p || exit 1; done; done

bench: build
	@test/need.sh bench
	./bin/seatbridge-bench $(BENCH)

# What the browser SDK costs its page: size, time to ready, answer to sound.
bench-sdk: sdk
	@test/need.sh test
	@cd test/browser && { [ -d node_modules/playwright-core ] || npm ci --silent; }
	$(GO) test ./test -run '^$$' -bench SDK -benchtime 20x

clean:
	rm -rf bin artifacts web/sdk/node_modules web/sdk/dist/tccc.js web/sdk/dist/page web/sdk/dist-tests test/browser/node_modules test/ccc/node_modules
