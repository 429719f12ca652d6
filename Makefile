# socklab: the grader, the reference programs, and everything that proves them.
#
# Sources are found by name: a new grader/FOLDER/FILE.c, tests/unit/test_MODULE.c, tests/tracees/FILE.c
# or solutions/NN-name/FILE.c needs no edit here. `asan` among the goals (make asan check) builds the
# same things under AddressSanitizer and UBSan into build-asan.

# make's own default is `cc`; one given by the environment or the command line stays.
ifeq ($(origin CC),default)
CC := gcc
endif

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share/socklab
MANDIR  ?= $(PREFIX)/share/man/man1

B       := build
CFLAGS  ?= -g -O2
WARN    := -Wall -Wextra -Wshadow -Wconversion -Werror
# A test may narrow an integer without a word; everything else is held to the grader's rules.
TESTWARN := -Wall -Wextra -Wshadow -Werror
SANITIZE :=

ifneq ($(filter asan,$(MAKECMDGOALS)),)
B        := build-asan
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

LIBRARIES := libseccomp libdw libelf jansson
HAVE_LIBS := $(shell pkg-config --exists $(LIBRARIES) 2>/dev/null && echo yes)
LIB_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
LIB_LIBS   := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null) -pthread

BASE := -std=gnu11 -D_GNU_SOURCE -Igrader $(LIB_CFLAGS) -pthread -MMD -MP
DATA := -DSOCKLAB_DATADIR='"$(DATADIR)"'

# What tests and scripts are told about where things are.
export SOCKLAB_BUILD := $(B)

# grader/kit is compiled into submissions by the grader at run time, never into the grader.
KIT     := $(wildcard grader/kit/*.[ch])
SOURCES := $(filter-out $(KIT),$(wildcard grader/main.c grader/*/*.c))
OBJECTS := $(SOURCES:%.c=$(B)/obj/%.o)
LIBRARY := $(filter-out %/grader/main.o,$(OBJECTS))

SUITES  := $(wildcard tests/unit/test_*.c)
UNIT    := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/unit/*.c)) $(B)/obj/tests/unit/suites.o
TRACEES := $(patsubst tests/tracees/%.c,$(B)/tracees/%,$(wildcard tests/tracees/*.c))
TOOLS   := $(patsubst tests/tool_%.c,$(B)/tool/%,$(wildcard tests/tool_*.c))
BENCHES := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))

# Reference programs: in a solution's folder each file with a main() is a program, and the others
# (test_*.c apart) are linked into every program of that folder.
SOLUTIONS := $(foreach f,$(wildcard solutions/*/*.c),$(if $(filter test_%,$(notdir $f)),,$f))
MAINS     := $(shell grep -lE '^(int[[:blank:]]+)?main\>' $(SOLUTIONS) /dev/null)
PROGRAMS  := $(MAINS:solutions/%.c=$(B)/reference/%)
# A lab may go on with files of an earlier one: solutions/NN-name/KIT lists them, each as LAB/FILE. They
# are linked into its programs like its own, and stand in the lab's kit as if they were its own.
lent = $(addprefix solutions/,$(file <solutions/$(1)/KIT))
# As the grader compiles a student's program: its lines and frames can be read.
REFERENCE_FLAGS := -std=gnu11 -g -O1 -fno-omit-frame-pointer -no-pie -Wall -Wextra -Werror -pthread

# A line a file; V=1 shows the whole commands.
ifeq ($(V),)
say = @echo "  CC    $@";
endif

.DELETE_ON_ERROR:
.SUFFIXES:

##@ Build
all: $(B)/socklab reference kit ## build socklab and the reference programs (the default)

reference: $(PROGRAMS)

# What the grader adds to a submission: its own sources, and the headers that a lab gives.
GIVEN     := $(wildcard solutions/*/*.h)
BORROWERS := $(patsubst solutions/%/KIT,%,$(wildcard solutions/*/KIT))
LENT      := $(foreach lab,$(BORROWERS),$(addprefix $(B)/kit/$(lab)/,$(notdir $(call lent,$(lab)))))
KIT_FILES := $(KIT:grader/%=$(B)/%) $(GIVEN:solutions/%=$(B)/kit/%) $(LENT)

kit: $(KIT_FILES)

$(B)/kit/%: grader/kit/%
	@mkdir -p $(@D)
	cp $< $@

$(B)/kit/%: solutions/%
	@mkdir -p $(@D)
	cp $< $@

define lent_rule
$(B)/kit/$(1)/$(notdir $(2)): $(2)
	@mkdir -p $$(@D)
	cp $$< $$@
endef
$(foreach lab,$(BORROWERS),$(foreach file,$(call lent,$(lab)),$(eval $(call lent_rule,$(lab),$(file)))))

$(B)/socklab: $(OBJECTS)
	$(say)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

# Rewritten only when it differs, so that another compiler, other flags or another PREFIX rebuild
# what depends on them and nothing else does.
$(B)/flags: FORCE
	@[ -n "$(HAVE_LIBS)" ] || { echo "make: a library is missing of: $(LIBRARIES)." \
	    "Run ./setup.sh first." >&2; exit 1; }
	@mkdir -p $(@D)
	@echo "$(CC) $(CFLAGS) $(LDFLAGS) $(SANITIZE) $(DATADIR)" > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/obj/grader/%.o: grader/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) $(DATA) $(WARN) $(CFLAGS) $(SANITIZE) -c -o $@ $<

define reference_rule
$(B)/reference/$(1): solutions/$(1).c $$(filter-out $$(MAINS),$$(filter $$(dir solutions/$(1))%,$$(SOLUTIONS))) \
    $$(wildcard $$(dir solutions/$(1))*.h) $(call lent,$(dir $(1))) $$(B)/flags
	@mkdir -p $$(@D)
	$$(say)$$(CC) $$(REFERENCE_FLAGS) $(addprefix -I,$(sort $(dir $(call lent,$(dir $(1)))))) -o $$@ $$(filter %.c,$$^)
endef
$(foreach program,$(MAINS:solutions/%.c=%),$(eval $(call reference_rule,$(program))))

skeletons: ## generate labs/ from solutions/
	./tools/skeletons.sh

##@ Use
demo: all ## grade three hand-ins of lab 04 and show their reports
	@./tools/demo.sh

# No recipe line of make's own before the report; make's closing "Error 1" is the grade's status.
grade: all ## grade a hand-in: make grade LAB=4 [DIR=folder] [ONLY=check,...]
	@[ -n "$(LAB)" ] || { echo "usage: make grade LAB=4 [DIR=folder] [ONLY=check,...]" >&2; exit 2; }
	@$(B)/socklab grade "$(LAB)" $(if $(DIR),"$(DIR)") $(if $(ONLY),--only "$(ONLY)")

##@ Prove
check: all tests ## run every test; the last line says how many passed and failed
	@./tests/run.sh

zoo: all $(TOOLS) ## grade the broken and the right submissions: [LAB=04-accept] [ZOO=name]
	@./tests/run-zoo.sh $(LAB) $(ZOO)

tests: $(B)/unit $(TRACEES) $(TOOLS)

asan: $(if $(filter-out asan,$(MAKECMDGOALS)),,all tests) ## all under ASan and UBSan in build-asan; also: make asan check

check-browser: handouts ## the book in a real browser (Chromium; ./setup.sh --browser installs it) [PICTURES=folder]
	@./tests/browser/check.sh $(PICTURES)

bench: all $(TOOLS) $(BENCHES) ## the grader's speed, as ratios measured in one run
	@./tests/bench.sh

TEST_BASE := $(BASE) -Itests/unit -DSOCKLAB_ROOT='"$(CURDIR)"' -DSOCKLAB_BUILD='"$(CURDIR)/$(B)"'

$(B)/unit: $(UNIT) $(LIBRARY)
	$(say)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LIB_LIBS) -lcunit

$(B)/obj/tests/unit/%.o: tests/unit/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(TEST_BASE) $(TESTWARN) $(CFLAGS) $(SANITIZE) -c -o $@ $<

$(B)/obj/tests/unit/suites.o: $(B)/suites.c
	@mkdir -p $(@D)
	$(say)$(CC) $(TEST_BASE) $(TESTWARN) $(CFLAGS) $(SANITIZE) -c -o $@ $<

# The table of suites, from the names of the files.
$(B)/suites.c: tools/suites.sh $(SUITES) $(B)/suites.list
	./tools/suites.sh $(SUITES) > $@

$(B)/suites.list: FORCE
	@mkdir -p $(@D)
	@echo $(SUITES) > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# A tracee makes exactly known calls: never sanitized, its lines readable.
$(B)/tracees/%: tests/tracees/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) -std=gnu11 -D_GNU_SOURCE -MMD -MP -g -O1 -fno-omit-frame-pointer -no-pie $(TESTWARN) -pthread -o $@ $<

$(B)/tool/%: tests/tool_%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) $(WARN) $(CFLAGS) $(SANITIZE) -o $@ $< $(LIB_LIBS)

# The tracer without a check around it.
$(B)/bench/trace_%: tests/bench/trace_%.c $(LIBRARY) $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) $(WARN) $(CFLAGS) $(SANITIZE) -o $@ $< $(LIBRARY) $(LIB_LIBS)

$(B)/bench/%: tests/bench/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) $(WARN) $(CFLAGS) -o $@ $< -pthread

##@ Look after
tidy: $(B)/flags ## clang-tidy over the grader
	@command -v clang-tidy >/dev/null || { echo "make: clang-tidy is not here; ./setup.sh --dev installs it" >&2; exit 1; }
	clang-tidy --quiet $(SOURCES) -- $(filter-out -MMD -MP,$(BASE)) $(DATA)

FORMATTED := $(wildcard grader/*.c grader/*/*.c grader/*/*.h tests/*.c tests/unit/*.c tests/unit/*.h tests/bench/*.c)
format: ## clang-format over the grader and its tests
	@command -v clang-format >/dev/null || { echo "make: clang-format is not here; ./setup.sh --dev installs it" >&2; exit 1; }
	clang-format -i $(FORMATTED)

docs: ## the grader from the inside, in build/docs/html (doxygen; a warning is an error)
	@mkdir -p $(B)/docs
	doxygen Doxyfile

# Made anew each time: it takes a second or two, and a page that is no longer wanted goes.
handouts: ## the handouts as a book: build/handouts/html, for students build/handouts/student/html
	@./tools/book.sh instructor $(B)/handouts/html
	@./tools/book.sh student $(B)/handouts/student/html
	@echo "$(B)/handouts/html/index.html"
	@echo "$(B)/handouts/student/html/index.html"

LAB_FILES     = $(wildcard labs/*.mk labs/*/*)
HANDOUT_FILES = $(wildcard handouts/*.md)

install: all ## install below PREFIX (/usr/local), DESTDIR before it
	install -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(MANDIR)" "$(DESTDIR)$(DATADIR)/handouts"
	install -m 755 $(B)/socklab "$(DESTDIR)$(BINDIR)/socklab"
	install -m 644 grader/docs/socklab.1 "$(DESTDIR)$(MANDIR)/socklab.1"
	set -e; for p in $(PROGRAMS:$(B)/%=%); do \
	    install -D -m 755 "$(B)/$$p" "$(DESTDIR)$(DATADIR)/$$p"; done
	set -e; for f in $(KIT_FILES:$(B)/%=%); do \
	    install -D -m 644 "$(B)/$$f" "$(DESTDIR)$(DATADIR)/$$f"; done
	set -e; for f in $(LAB_FILES) $(HANDOUT_FILES); do \
	    install -D -m 644 "$$f" "$(DESTDIR)$(DATADIR)/$$f"; done

uninstall: ## remove what install put there
	rm -f "$(DESTDIR)$(BINDIR)/socklab" "$(DESTDIR)$(MANDIR)/socklab.1"
	rm -rf "$(DESTDIR)$(DATADIR)"

clean: ## remove build and build-asan
	rm -rf build build-asan

help: ## list the targets
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' Makefile

FORCE:
.PHONY: all reference kit skeletons demo grade check zoo tests asan bench tidy format docs handouts check-browser install uninstall clean help FORCE

-include $(OBJECTS:.o=.d) $(UNIT:.o=.d) $(TRACEES:=.d) $(TOOLS:=.d) $(BENCHES:=.d)
