# Postern. `make run` shows the box at work, `make test` proves it. Both install what is missing and build first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BUILD ?= build
ONCE ?=
BOARD ?= qemu-q35
export BUILD

.PHONY: help run test test-long build bench fuzz layers clean image run-image test-web test-image test-image-long

help:
	@echo 'Postern, a mail gateway (version '"$$(cat VERSION)"'). As root on Debian 12:'
	@echo
	@echo '  make run          install what is missing, build, set up the lab, send mail through the box, stay up (Ctrl-C ends it)'
	@echo '  make run ONCE=1   the same, and end: status 0 only if every message arrived bit for bit'
	@echo '  make test         everything that can fail: unit tests, sanitizers, layers, the lab end to end'
	@echo
	@echo '  make build        only build, into $(BUILD)/'
	@echo '  make test-long    100,000 seeds of TCP, queues of 100,000 and a million, and the end-to-end tests with many more rounds'
	@echo '  make bench        measure against Postfix, nginx and HAProxy; JSON and a table'
	@echo '  make fuzz         run every fuzz target for a while (FUZZ_SECONDS=60 each, or FUZZ_RUNS=1000000; tests/fuzz/run says more)'
	@echo '  make image BOARD=qemu-q35      the disk image of a box, into $(BUILD)/image/'
	@echo '  make run-image BOARD=qemu-q35  boot it in QEMU: console here, web admin on https://127.0.0.1:8443/'
	@echo '  make test-web                  the web admin in a real browser against a real box'
	@echo '  make test-image                the booted image, what is quick; make test-image-long: every scenario'
	@echo '  make layers       check every #include against the table of allowed edges'
	@echo '  make clean        remove the build directories'

build:
	@tools/setup/build normal

run: build
	@python3 -m tools.lab run $(if $(ONCE),--once)

test:
	@tests/run

test-long:
	@tests/run --long

bench: build
	@python3 -m tools.bench $(BENCH)

fuzz:
	@tools/setup/build fuzz$(if $(FUZZ_FAST),-fast)
	@tests/fuzz/run

layers:
	@tools/layers

image: build
	@tools/setup/build-web
	@python3 -m image build $(BOARD)

run-image:
	@[ -f $(BUILD)/image/$(BOARD)/disk.img ] || $(MAKE) image
	@python3 -m image run $(BOARD)

test-web:
	@tests/run web

test-image:
	@tests/run image

test-image-long: build
	@python3 -m tests.image --long

clean:
	rm -rf build build-asan build-fuzz build-fuzz-fast
