# Facet: a face-emotion sensor that can be tested before it is soldered.
#
#     make sim          the real firmware on the simulated board looks at faces
#     make test         everything that can be checked
#     make help         the rest
#
# Set-up happens by itself, once; see tools/setup_*. Needs Debian 12, Ubuntu 24.04 or later, or
# their packages' likes.

BOARD   ?= nucleo_l476rg
MODEL   ?= facet-small
DATASET ?=
SPLIT   ?=
LIMIT   ?=
OUT     ?=
EPOCHS  ?=
SEED    ?=
CK      ?=
SPACE   ?= nano
TRIALS  ?=
SCHEDULER ?=

SHELL := /bin/bash
BIN := .venv/bin
PYTHON := $(BIN)/python
BOARDS := $(basename $(notdir $(wildcard platforms/*.toml)))
# For the tests.
export BOARD MODEL

# Options of `facet`, each only where its variable is set.
PART = $(if $(SPLIT),--split $(SPLIT)) $(if $(LIMIT),--limit $(LIMIT))
DEVICE = --board $(BOARD) --model $(MODEL)
ROBOT = --variable BOARD:$(BOARD) --variable MODEL:$(MODEL) --outputdir $(or $(OUT),out/robot) \
        --xunit xunit.xml

.DEFAULT_GOAL := help
.PHONY: help setup setup-test sim eval robot faces bench test lint fidelity models train teacher sweep flash lock clean

help: ## this list
	@echo "make TARGET [VARIABLE=value ...]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "variables"
	@echo "  BOARD       a board of platforms/ ($(BOARD))"
	@echo "  MODEL       a model of models/trained, or a .tflite of your own ($(MODEL))"
	@echo "  DATASET     an .npz, a fer2013.csv, a folder of images; else drawn faces"
	@echo "  SPLIT       training, public or private"
	@echo "  LIMIT       at most so many frames"
	@echo "  OUT         where results go (out/TARGET)"
	@echo "  EPOCHS, SEED, CK  of train: passes, random seed, CK+48 as .npz"
	@echo "  SPACE, TRIALS, SCHEDULER  of sweep: nano or small, how many, a Dask scheduler"

setup: ## the tools and packages that `make sim` needs (done by the others when due)
	@tools/setup_toolchain.sh
	@tools/setup_venv.sh
	@$(PYTHON) tools/setup_platformio.py
	@$(PYTHON) tools/setup_tflm.py >/dev/null

setup-test: setup
	@tools/setup_venv.sh test
	@tools/setup_venv.sh train
	@tools/setup_esp32c3_crate.sh

sim: setup ## show faces to the device and print what it says
	@$(BIN)/facet sim $(DEVICE) $(if $(DATASET),--dataset $(DATASET)) $(PART) \
		--out $(or $(OUT),out/sim)

eval: setup ## accuracy, confusion matrix and cycles over many frames, on all cores
	@$(BIN)/facet eval $(DEVICE) --dataset $(or $(DATASET),drawn) $(PART) \
		--json $(or $(OUT),out/eval)/eval.json

faces: setup ## draw a sheet of faces to look at
	@$(BIN)/facet faces --out $(or $(OUT),out/faces)

robot: setup ## the scenarios of robot/, with a log and a report
	@$(PYTHON) -m robot $(ROBOT) robot

bench: setup ## how fast the simulator is; writes out/bench.json
	@$(PYTHON) -m benchmarks --board $(BOARD) --model $(MODEL) --json $(or $(OUT),out)/bench.json

# pytest comes last: its closing line ends the output.
test: lint ## all checks: style, types, firmware on the host, scenarios on each board, pytest
	$(PYTHON) -m platformio test -e native
	for board in $(BOARDS); do \
	  $(PYTHON) -m robot --variable BOARD:$$board --variable MODEL:$(MODEL) \
	    --outputdir out/robot/$$board --xunit xunit.xml robot || exit 1; done
	$(PYTHON) -m pytest -n auto

lint: setup-test ## the checks that run nothing: style, types, the pages that are generated
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror $$(git ls-files '*.cc' '*.h')
	$(PYTHON) tools/fidelity.py --check
	$(PYTHON) -m tools.models_doc --check

fidelity: ## write docs/fidelity.md from the FIDELITY: marks in the code
	@python3 tools/fidelity.py && echo docs/fidelity.md

models: setup ## write docs/models.md and its picture from the models' cards
	@$(PYTHON) -m tools.models_doc && echo docs/models.md docs/images/accuracy.svg

train: setup ## train MODEL anew (needs FER2013 with FER+ votes, or CK+); EPOCHS, SEED
	@tools/setup_venv.sh train
	@$(PYTHON) -m models.train --model $(MODEL) $(if $(DATASET),--data $(DATASET)) \
		$(if $(CK),--ck $(CK)) $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(SEED),--seed $(SEED)) \
		$(if $(OUT),--out $(OUT))

teacher: setup ## train the teacher anew, hours; Facet's own networks learn from what it says
	@tools/setup_venv.sh train
	@$(PYTHON) -m models.teach $(if $(DATASET),--data $(DATASET)) $(if $(EPOCHS),--epochs $(EPOCHS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(OUT),--out $(OUT)/teacher-opinions.npz)

sweep: setup ## search architectures of SPACE on Dask (docs/search.md); TRIALS, SCHEDULER
	@tools/setup_venv.sh train
	@$(PYTHON) -m models.sweep --space $(SPACE) $(if $(DATASET),--data $(DATASET)) \
		$(if $(TRIALS),--trials $(TRIALS)) $(if $(EPOCHS),--epochs $(EPOCHS)) \
		$(if $(SEED),--seed $(SEED)) $(if $(SCHEDULER),--scheduler $(SCHEDULER)) \
		$(if $(OUT),--out $(OUT))

flash: setup ## build the firmware and put it on a real board
	@tools/flash.sh $(BOARD) $(MODEL)

lock: ## write the requirements*.lock anew from pyproject.toml (needs uv)
	@tools/lock.sh

clean: ## remove what was built, but not what was set up
	rm -rf out .pio .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -not -path './.venv/*' -not -path './.cache/*' -prune -exec rm -rf {} +
