# Facet: a face-emotion sensor that can be tested before it is soldered.
#
#     make sim          show faces to the real firmware on the simulated board
#     make test         run all checks
#     make help         list all targets and variables
#
# The first call sets up what it needs (tools/setup_*) on Debian 12, Ubuntu 24.04 or later. On other
# systems it names what is missing.

BOARD   ?= nucleo_l476rg
MODEL   ?= facet-small
DATASET ?=
SPLIT   ?=
LABELS  ?=
ENGINE  ?=
CYCLES  ?=
LIMIT   ?=
OUT     ?=
EPOCHS  ?=
SEED    ?=
CK      ?=
SPACE   ?= nano
TRIALS  ?=
SCHEDULER ?=

SHELL := /bin/bash
# Without HOME (some CI services, some containers): the user's home folder, or else one in here.
ifeq ($(HOME),)
export HOME := $(or $(shell getent passwd "$$(id -u)" | cut -d: -f6),$(CURDIR)/.cache/home)
endif
BIN := .venv/bin
PYTHON := $(BIN)/python
BOARDS := $(basename $(notdir $(wildcard platforms/*.toml)))
# For the tests.
export BOARD MODEL

# A value as one word of the shell, whatever characters it has.
quoted = '$(subst ','\'',$(1))'
# An option, only where its variable has a value: $(call option,--limit,$(LIMIT))
option = $(if $(2),$(1) $(call quoted,$(2)))

ENGINES = $(call option,--engine,$(ENGINE)) $(call option,--cycles,$(CYCLES))
DEVICE = $(call option,--board,$(BOARD)) $(call option,--model,$(MODEL)) $(ENGINES)
PART = $(call option,--split,$(SPLIT)) $(call option,--labels,$(LABELS)) \
       $(call option,--limit,$(LIMIT))
out = $(call quoted,$(or $(OUT),out/$(1)))
ROBOT = --exclude renode --variable $(call quoted,MODEL:$(MODEL)) --xunit xunit.xml \
	$(if $(ENGINE),--variable $(call quoted,ENGINE:$(ENGINE))) \
	$(if $(CYCLES),--variable $(call quoted,CYCLES:$(CYCLES)))

.DEFAULT_GOAL := help
.PHONY: help setup setup-test sim profile profile-picture eval robot faces bench wheel test lint fidelity rules models train teacher sweep flash lock clean

help: ## list the targets and variables
	@echo "make TARGET [VARIABLE=value ...]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "variables"
	@echo "  BOARD       a board of platforms/, or a board file of your own:" $(call quoted,$(BOARD))
	@echo "  MODEL       a model of models/trained, or a .tflite of your own:" $(call quoted,$(MODEL))
	@echo "  ENGINE      what executes: unicorn or renode (docs/renode.md)"
	@echo "  CYCLES      what cycles take in: core, flash or full"
	@echo "  DATASET     an .npz, a fer2013.csv or a folder of images; without it, drawn faces"
	@echo "  SPLIT       training, validation, test, public or private"
	@echo "  LABELS      labels of folders with other names, as 1=surprise,2=fear"
	@echo "  LIMIT       the largest number of frames"
	@echo "  OUT         the folder for results (out/TARGET)"
	@echo "  EPOCHS, SEED, CK  of train: passes over the data, random seed, CK+48 as .npz"
	@echo "  SPACE, TRIALS, SCHEDULER  of sweep: nano or small, number of trials, Dask scheduler"

setup: ## install what `make sim` needs; the other targets do it when needed
	@tools/setup_toolchain.sh
	@tools/setup_venv.sh
	@$(PYTHON) tools/setup_platformio.py
	@$(PYTHON) tools/setup_tflm.py >/dev/null

setup-test: setup
	@tools/setup_venv.sh test
	@tools/setup_venv.sh train
	@tools/setup_esp32c3_crate.sh

sim: setup ## show faces to the device and print its output
	@$(BIN)/facet sim $(DEVICE) $(call option,--dataset,$(DATASET)) $(PART) --out $(call out,sim)

profile: setup ## show where the cycles go, by function, operator, phase and cause
	@$(BIN)/facet profile $(DEVICE) $(call option,--dataset,$(DATASET)) $(PART) \
		--out $(call out,profile)

profile-picture: profile ## draw the README's picture of a profile
	@cp $(call out,profile)/profile.svg docs/images/profile.svg && echo docs/images/profile.svg

eval: setup ## measure accuracy, confusion matrix and cycles over many frames, on all cores
	@$(BIN)/facet eval $(DEVICE) $(call option,--dataset,$(or $(DATASET),drawn)) $(PART) \
		--json $(call out,eval)/eval.json

faces: setup ## draw a sheet of faces
	@$(BIN)/facet faces --out $(call out,faces)

robot: setup ## run the scenarios of robot/; writes a log and a report
	@$(PYTHON) -m robot --variable $(call quoted,BOARD:$(BOARD)) $(ROBOT) \
		--outputdir $(call out,robot) robot

bench: setup ## measure the simulator's speed; writes out/bench.json; AGAINST=another clone
	@$(PYTHON) -m benchmarks$(if $(AGAINST),.paired $(call quoted,$(AGAINST))) $(DEVICE) \
		$(if $(AGAINST),,--json $(call quoted,$(or $(OUT),out))/bench.json)

accuracy: setup ## predicted cycles against published ones; SOURCES has pqm4, cmemu, coremark
	@$(PYTHON) -m benchmarks.accuracy --sources $(or $(SOURCES),$(error SOURCES is missing: give SOURCES=folder))

wheel: setup ## build a wheel of Facet into out/wheel
	@$(PYTHON) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir $(call out,wheel) .
	@ls -t $(call out,wheel)/facet-*.whl | head -n 1

# pytest comes last: its closing line ends the output.
test: lint ## run all checks: style, types, unit tests, scenarios on each board, pytest
	$(PYTHON) -m platformio test -e native
	for board in $(BOARDS); do \
	  $(PYTHON) -m robot --variable BOARD:$$board $(ROBOT) --outputdir out/robot/$$board robot \
	    || exit 1; done
	$(PYTHON) -m pytest -n auto

lint: setup-test ## check style, types and the generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror $$(git ls-files '*.cc' '*.h' 'sim/facet/chip/*.c')
	$(PYTHON) tools/fidelity.py --check
	$(PYTHON) -m tools.rules --check
	$(PYTHON) -m tools.models_doc --check

fidelity: ## write docs/fidelity.md from the FIDELITY: marks in the code
	@python3 tools/fidelity.py && echo docs/fidelity.md

rules: setup ## write docs/rules.md from the registry of rules
	@$(PYTHON) -m tools.rules && echo docs/rules.md

models: setup ## write docs/models.md and its picture from the models' cards
	@tools/setup_venv.sh test
	@$(PYTHON) -m tools.models_doc && echo docs/models.md docs/images/accuracy.svg

train: setup ## train MODEL on FER2013 with FER+ votes, or on CK+; EPOCHS, SEED
	@tools/setup_venv.sh train
	@$(PYTHON) -m models.train $(call option,--model,$(MODEL)) $(call option,--data,$(DATASET)) \
		$(call option,--ck,$(CK)) $(call option,--epochs,$(EPOCHS)) \
		$(call option,--seed,$(SEED)) $(call option,--out,$(OUT))

teacher: setup ## train the teacher (hours) and write its soft labels
	@tools/setup_venv.sh train
	@$(PYTHON) -m models.train_teacher $(call option,--data,$(DATASET)) $(call option,--epochs,$(EPOCHS)) \
		$(call option,--seed,$(SEED)) \
		$(if $(OUT),--out $(call quoted,$(OUT)/soft_labels.npz))

sweep: setup ## search architectures in SPACE on Dask (docs/search.md); TRIALS, SCHEDULER
	@tools/setup_venv.sh train
	@$(PYTHON) -m models.search $(call option,--space,$(SPACE)) $(call option,--data,$(DATASET)) \
		$(call option,--trials,$(TRIALS)) $(call option,--epochs,$(EPOCHS)) \
		$(call option,--seed,$(SEED)) $(call option,--scheduler,$(SCHEDULER)) \
		$(call option,--out,$(OUT))

flash: setup ## build the firmware and write it to a real board
	@tools/flash.sh $(call quoted,$(BOARD)) $(call quoted,$(MODEL))

lock: ## write the requirements*.lock from pyproject.toml (needs uv)
	@tools/lock.sh

clean: ## remove build results; keep what `make setup` installed
	rm -rf out .pio .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -not -path './.venv/*' -not -path './.cache/*' -prune -exec rm -rf {} +
