PREFIX ?= /usr/local
DESTDIR ?=
COUNT ?=
SEED ?=

PLACES := Package.swift Plugins Sources Tests
# With Swift's own libraries inside: the program runs where no Swift is, and starts faster with less memory. Functions
# of the same code are kept once, half a megabyte of memory less. Without symbols it is 58 MB smaller; of the 75 MB that
# are left, 31 are the data of languages and calendars that Foundation brings along, and 26 are code. The linker warns of
# mktemp in Foundation: not ours.
RELEASE := -c release --static-swift-stdlib -Xlinker --icf=safe -Xlinker --strip-all
PROGRAM = $$(swift build -c release --show-bin-path)/magikbench
BUILT := .build/magikbench-built
# The session that `make run` trains, made anew each time.
TRIAL := .build/trial.magik
SAMPLE := samples/network-t40.magik

# Shows progress when something changed since the last build, and errors always. What a build prints goes to
# stderr, so that stdout is the program's alone. The time of the start counts: files may change meanwhile.
build-release = quiet=; \
	if [ -e $(BUILT) ] && [ -z "$$(find Package.swift Plugins Sources samples -newer $(BUILT) -print -quit)" ]; \
	then quiet=--quiet; fi; \
	mkdir -p .build && touch $(BUILT)-next && swift build $$quiet $(RELEASE) --product magikbench >&2 \
	&& mv $(BUILT)-next $(BUILT)

# Builds one of the tools beside the program, and runs it.
tool = swift build $(RELEASE) --product $(1) >&2 && "$$(swift build -c release --show-bin-path)/$(1)"

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: bench build check clean docs format fuzz fuzz-screen help install kills lint messages recording run sanitize \
	screen-script setup soak test uninstall

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: build ## Install what is missing, build, and open the T40 sample; without a terminal, train it briefly
	@program="$(PROGRAM)" && rm -rf $(TRIAL) && "$$program" new $(TRIAL) --from network-t40 >/dev/null \
		&& if [ -t 0 ] && [ -t 1 ]; then "$$program" $(TRIAL); else \
			"$$program" show $(SAMPLE) && echo && "$$program" check $(SAMPLE) && echo \
			&& "$$program" train $(TRIAL) --data glyphs --optimizer adam --epochs 2; fi

build: setup ## Build the program for release
	@$(build-release)

# What is installed below $(DESTDIR)$(PREFIX): the program, which holds its samples in itself, its manual page, and what
# shells complete.
BINARY := bin/magikbench
MANUAL := share/man/man1/magikbench.1
BASH_COMPLETION := share/bash-completion/completions/magikbench
ZSH_COMPLETION := share/zsh/site-functions/_magikbench
FISH_COMPLETION := share/fish/vendor_completions.d/magikbench.fish
BUILT_PROGRAM := .build/release/magikbench
INSTALLED := $(BINARY) $(MANUAL) $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION)

install: ## Install the program, its manual page and shell completion (PREFIX=/usr/local DESTDIR=)
	@program=$(BUILT_PROGRAM); \
	[ -x $$program ] || { echo "there is no program yet: run 'make build' first" >&2; exit 1; }; \
	root="$(DESTDIR)$(PREFIX)" && install -d $(foreach file,$(INSTALLED),"$$root/$(dir $(file))") \
		&& install -m 755 $$program "$$root/$(BINARY)" \
		&& $$program man > "$$root/$(MANUAL)" \
		&& $$program --generate-completion-script bash > "$$root/$(BASH_COMPLETION)" \
		&& $$program --generate-completion-script zsh > "$$root/$(ZSH_COMPLETION)" \
		&& $$program --generate-completion-script fish > "$$root/$(FISH_COMPLETION)" \
		&& chmod 644 $(foreach file,$(wordlist 2,9,$(INSTALLED)),"$$root/$(file)") \
		&& echo "installed $$root/$(BINARY), its manual page and completion for bash, zsh and fish"

uninstall: ## Remove what 'make install' installed (PREFIX=/usr/local DESTDIR=)
	@rm -f $(foreach file,$(INSTALLED),"$(DESTDIR)$(PREFIX)/$(file)")

test: setup ## Run the tests
	@swift build --build-tests
	@swift test --skip-build --disable-xctest

check: setup lint ## All that must hold before a commit: format, imports, warnings, tests
	@swift build --build-tests --explicit-target-dependency-import-check error
	@swift test --skip-build --disable-xctest

lint: setup ## Check the format of every Swift file
	@swift format lint --strict --recursive --parallel $(PLACES)

format: setup ## Rewrite every Swift file in the project's format
	@swift format format --in-place --recursive --parallel $(PLACES)

docs: setup ## Rewrite the generated pages in docs and list those that changed
	@swift build --build-tests
	@echo 'A test that rewrites a page fails once, so that the change is looked at: read what git lists below.'
	@RECORD=1 swift test --skip-build --disable-xctest --filter Generated || true
	@git status --short docs

fuzz: build ## Try damaged networks, models, weights and run stores, and option values (COUNT=100000 of each, SEED=)
	@$(call tool,fuzz) --count $(or $(COUNT),100000) $(if $(SEED),--seed $(SEED))
	@$(call tool,fuzz) files --count $(or $(COUNT),100000) $(if $(SEED),--seed $(SEED))
	@$(call tool,fuzz) options --program "$(PROGRAM)" --count $$(( $(or $(COUNT),100000) / 20 )) \
		$(if $(SEED),--seed $(SEED))

fuzz-screen: setup ## Press random keys on the screen for an hour (COUNT=3600 seconds, SEED= for a certain run)
	@$(call tool,fuzz) screen --seconds $(or $(COUNT),3600) $(if $(SEED),--seed $(SEED))

kills: build ## Kill training runs at random moments and compare what they end with (COUNT=200, SEED=)
	@$(call tool,trials) kills --program "$(PROGRAM)" --count $(or $(COUNT),200) $(if $(SEED),--seed $(SEED))

soak: build ## Train for long and watch the memory (COUNT=10000 steps)
	@$(call tool,trials) soak --program "$(PROGRAM)" --count $(or $(COUNT),10000)

screen-script: build ## Build, check and train a network on the screen with keys alone, in both sizes (needs tmux)
	@for size in 120x36 80x24; do Tests/tmux/build-network-t40.sh "$(PROGRAM)" $$size || exit 1; done
	@data=$${MAGIKBENCH_DATA:-../shared/data}; model=$$data/models/ultraface_slim320_simp.onnx; \
	if [ ! -e "$$model" ]; then echo "skipped: bringing a model, without $$model"; exit 0; fi; \
	for size in 120x36 80x24; do \
		Tests/tmux/recover-model.sh "$(PROGRAM)" "$$model" "$$data/coco128/images/train2017" $$size || exit 1; \
	done

recording: build ## Record the first two minutes on the screen again, for docs/recordings (needs python3)
	@python3 scripts/record.py "$(PROGRAM)" docs/recordings/first-two-minutes.steps docs/recordings/first-two-minutes.cast

# Needs protoc (Debian: protobuf-compiler); its plugin for Swift comes with the package that reads the messages.
MESSAGES := Sources/Interchange/ONNX/Messages
messages: ## Make the Swift of ONNX's messages again after a change of onnx.proto
	@swift package resolve
	@swift build -c release --package-path .build/checkouts/swift-protobuf --scratch-path .build-messages \
		--product protoc-gen-swift >&2
	@protoc --plugin=.build-messages/release/protoc-gen-swift --swift_out=$(MESSAGES) -I $(MESSAGES) onnx.proto

# Leaks are those of oneDNN's caches.
SANITIZED := QATTests\.(Train|EngineVector|NetworkAgreement|Loss|Optimizer)|EditingTests|SessionsTests|RunsTests|ProbingTests|DatasetsTests
sanitize: setup ## Run the tests of engine, sessions and data with the thread and the address sanitizer
	@for kind in thread address; do \
		swift build --build-tests --sanitize=$$kind --scratch-path .build-$$kind && \
		ASAN_OPTIONS=detect_leaks=0 swift test --skip-build --disable-xctest \
			--sanitize=$$kind --scratch-path .build-$$kind --filter '$(SANITIZED)' || exit 1; \
		echo "sanitize: all pass with the $$kind sanitizer"; \
	done

bench: build ## Measure checks, and training beside PyTorch (MAGIKBENCH_PYTHON has torch, else python3)
	@"$(PROGRAM)" bench check
	@"$${MAGIKBENCH_PYTHON:-python3}" Benchmarks/compare.py "$(PROGRAM)"

clean: ## Remove what was built
	@swift package clean
	@rm -f $(BUILT) $(BUILT)-next

setup:
	@scripts/setup.sh
