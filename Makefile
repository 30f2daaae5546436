# The commands of every day. CMake does the building (CMakePresets.json); this file only strings it
# together with tests/setup/packages.sh, which installs what a fresh machine lacks.
PREFIX  ?= /usr/local
DESTDIR ?=
JOBS    ?= $(shell nproc)

# Parallel tests share the cores with programs whose time they judge; tests that measure run alone.
CTEST = ctest --output-on-failure --no-tests=error -j$(JOBS) $(CTEST_ARGS)
need  = tests/setup/packages.sh need
build = cmake --preset $(1) >build/$(1).log || { cat build/$(1).log; exit 1; }; cmake --build --preset $(1)

.DEFAULT_GOAL := release
.PHONY: release demo test bench lint link-order install package fuzz asan tsan arm64 clean

release: build
	@names=$$(tests/setup/packages.sh check build) || \
	  { echo "make: missing packages:" $$names; echo "  try: tests/setup/packages.sh need build"; exit 1; }
	@$(call build,release) --target toolkit
	@ls -lh build/release/toolkit | awk '{print "build/release/toolkit, " $$5}'

demo: build
	@$(need) build demo
	@$(call build,release) --target toolkit
	@tests/demo/demo.sh build/release/toolkit

# TOOLKIT_SKIP_TORCH=1 leaves out PyTorch (637 MB), and with it one lab.
test: build
	@$(need) build test $(if $(TOOLKIT_SKIP_TORCH),,torch)
	@$(call build,release)
	@cd build/release && $(CTEST)

bench: build
	@$(need) build bench
	@$(call build,release)
	@tests/bench/run.sh build/release/toolkit

lint: build
	@$(need) build lint
	@cmake --preset release >build/release.log || { cat build/release.log; exit 1; }
	@tests/setup/lint.sh build/release

# After larger changes: what each start uses, for the linker (src/link_order.ld says why).
link-order: build
	@$(need) build bench
	@$(call build,release) --target toolkit
	@tests/bench/link_order.py build/release/toolkit build/release/toolkit.map src/link_order.ld
	@$(call build,release) --target toolkit

install: release
	DESTDIR=$(DESTDIR) cmake --install build/release --prefix $(PREFIX)

# Tarball, .deb, .rpm, licences, bill of materials and checksums; arm64's too where `make arm64` has built it.
package: build
	@$(need) build package
	@$(call build,release) --target toolkit
	@[ ! -e build/arm64/toolkit ] || { $(call build,arm64) --target toolkit; }
	@tests/setup/package/package.py build/package build/release $$([ ! -e build/arm64/toolkit ] || echo build/arm64)
	@tests/setup/package/sizes.py build/release

# The whole suite again, instrumented.
asan tsan: build
	@$(need) build test
	@$(call build,$@)
	@cd build/$@ && $(CTEST)

# Each target for FUZZ_SECONDS, from the corpus that is committed.
FUZZ_SECONDS ?= 30
fuzz: build
	@$(need) build test fuzz
	@$(call build,fuzz) --target toolkit_fuzzers
	@tests/fuzz/run.sh build/fuzz $(FUZZ_SECONDS)

arm64: build
	@$(need) build arm64
	@$(call build,arm64) --target toolkit
	@qemu-aarch64-static build/arm64/toolkit --version
	@qemu-aarch64-static build/arm64/toolkit run -q -- sh -c 'exit 7' 2>/dev/null; [ $$? = 7 ] || \
	  { echo "make: the arm64 build does not pass exit code 7 on"; exit 1; }

build:
	@mkdir -p build

clean:
	rm -rf build
