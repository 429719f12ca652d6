# socklab: the grader, the reference programs, and everything that proves them.
#
# Sources are found by name: a new grader/FOLDER/FILE.c, tests/unit/test_MODULE.c, tests/tracees/FILE.c
# or solutions/NN-name/FILE.c needs no edit here. `asan` among the goals (make asan check) builds the
# same things under AddressSanitizer and UBSan into build-asan.
#
# This file is the same in the students' kit. What needs solutions or tests is in tools/instructors.mk, which is not
# in theirs.

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
SANITIZE :=

ifneq ($(filter asan,$(MAKECMDGOALS)),)
B        := build-asan
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

LIBRARIES := libseccomp libdw libelf jansson libarchive libmd libcyaml yaml-0.1 sqlite3
HAVE_LIBS := $(shell pkg-config --exists $(LIBRARIES) 2>/dev/null && echo yes)
LIB_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null)
LIB_LIBS   := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null) -pthread

BASE := -std=gnu11 -D_GNU_SOURCE -Igrader $(LIB_CFLAGS) -pthread -MMD -MP
DATA := -DSOCKLAB_DATADIR='"$(DATADIR)"'

# What tests and scripts are told about where things are.
export SOCKLAB_BUILD := $(B)

# grader/kit is built into submissions by the grader at run time, never into the grader.
KIT     := $(wildcard grader/kit/*.[ch])
SOURCES := $(filter-out $(KIT),$(wildcard grader/main.c grader/*/*.c))
OBJECTS := $(SOURCES:%.c=$(B)/obj/%.o)
LIBRARY := $(filter-out %/grader/main.o,$(OBJECTS))

# The files of the instructors' kit are here, or those of the students'.
INSTRUCTORS := $(wildcard tools/instructors.mk)
# What programs are made for: x86_64, aarch64.
MACHINE = $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))

# A line a file; V=1 shows the whole commands.
ifeq ($(V),)
say = @echo "  CC    $@";
endif

.DELETE_ON_ERROR:
.SUFFIXES:

##@ Build
all: reference kit $(B)/socklab ## build socklab and the reference programs (the default)

# What the grader adds to a submission: its own sources, and what a lab gives. The hooks come compiled, plain, for
# every compiler and sanitizer: they are in each sanitizer build, which would compile them again each time.
HOOKS     := $(patsubst grader/%.c,$(B)/%.o,$(filter %_hook.c,$(KIT)))
KIT_FILES := $(patsubst grader/%,$(B)/%,$(filter-out %_hook.c,$(KIT))) $(HOOKS)

$(HOOKS): $(B)/kit/%.o: grader/kit/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) -std=gnu11 -g -O1 -fno-omit-frame-pointer -fno-pie -Wall -Wextra -c -o $@ $<

$(B)/kit/%: grader/kit/%
	@mkdir -p $(@D)
	cp $< $@

$(B)/socklab: $(OBJECTS)
	$(say)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(LIB_LIBS)

# Rewritten only when it differs, so that another compiler, other flags or another PREFIX rebuild
# what depends on them and nothing else does.
$(B)/flags: FORCE
	@[ -n "$(HAVE_LIBS)" ] || { echo "make: a library is missing of: $(LIBRARIES)." \
	    "Run ./setup.sh first." >&2; exit 1; }
	@mkdir -p $(@D)
	@echo "$(CC) $(CFLAGS) $(LDFLAGS) $(SANITIZE) $(DATADIR) $(REFERENCE_FLAGS)" > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# A program of the sandbox's own, carried inside the grader. Static, and never sanitized.
CONFINE := $(B)/helper/confine
$(CONFINE): grader/sandbox/helper/confine.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -static -s -o $@ $<

$(B)/obj/grader/sandbox/landlock.o: $(CONFINE)
DATA += -DSOCKLAB_CONFINE='"$(CONFINE)"'

# Style and script of the HTML pages, carried inside the grader too.
$(B)/obj/grader/report/markup.o: grader/report/page.css grader/report/class_page.js
DATA += -DSOCKLAB_REPORT='"grader/report"'

$(B)/obj/grader/%.o: grader/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) $(DATA) $(WARN) $(CFLAGS) $(SANITIZE) -c -o $@ $<

ifneq ($(INSTRUCTORS),)
include $(INSTRUCTORS)
else
# Here the reference programs, and what the kit adds from a solution, come compiled.
PREBUILT := prebuilt/$(MACHINE)
PROGRAMS := $(patsubst $(PREBUILT)/%,$(B)/%,$(wildcard $(PREBUILT)/reference/*/*))
KIT_FILES += $(patsubst $(PREBUILT)/%,$(B)/%,$(wildcard $(PREBUILT)/kit/*/*))

# An older C library refuses to start them, which would look like the grader's trouble in each check.
$(B)/reference/%: $(PREBUILT)/reference/%
	@mkdir -p $(@D)
	@! ldd $< 2>&1 | grep 'GLIBC_.*not found' >&2 || { echo "make: this kit was made on a system with a newer C library" \
	    "than this one. Ask for a kit that was made on one as old as this." >&2; exit 1; }
	cp $< $@

$(B)/kit/%: $(PREBUILT)/kit/%
	@mkdir -p $(@D)
	cp $< $@

# Without a compiler there is no name of a machine; then make says soon enough what is missing.
ifneq ($(MACHINE),)
ifeq ($(wildcard $(PREBUILT)),)
reference kit: other-machine
endif
endif
other-machine:
	@echo "make: this kit has reference programs for $(notdir $(wildcard prebuilt/*)), and $(CC) here makes programs" \
	    "for $(MACHINE). Ask for a kit that was made on $(MACHINE)." >&2; exit 1

demo skeletons dist check zoo tests asan fuzz check-browser bench:
	@echo "make: '$@' belongs to the instructors' kit. 'make help' lists what there is here." >&2; exit 2
.PHONY: other-machine demo skeletons dist check zoo tests asan fuzz check-browser bench
endif

reference: $(PROGRAMS)

kit: $(KIT_FILES)

##@ Use
# No recipe line of make's own before the report; make's closing "Error 1" is the grade's status.
grade: all ## grade a hand-in: make grade LAB=4 [DIR=folder] [ONLY=check,...]; LAB=all: every lab
	@[ -n "$(LAB)" ] || { echo "usage: make grade LAB=4|all [DIR=folder] [ONLY=check,...]" >&2; exit 2; }
	@$(B)/socklab grade "$(LAB)" $(if $(DIR),"$(DIR)") $(if $(ONLY),--only "$(ONLY)")

##@ Look after
tidy: $(B)/flags ## clang-tidy over the grader
	@command -v clang-tidy >/dev/null || { echo "make: clang-tidy is not here; ./setup.sh --dev installs it" >&2; exit 1; }
	clang-tidy --quiet $(SOURCES) -- $(filter-out -MMD -MP,$(BASE)) $(DATA)

docs: ## the grader from the inside, in build/docs/html (doxygen; a warning is an error)
	@mkdir -p $(B)/docs
	doxygen Doxyfile

# Made anew each time: it takes a second or two, and a page that is no longer wanted goes.
handouts: ## the handouts as a book, for a browser: build/handouts/student/html
	@$(if $(INSTRUCTORS),./tools/book.sh instructor $(B)/handouts/html)
	@./tools/book.sh student $(B)/handouts/student/html
	@$(if $(INSTRUCTORS),echo "$(B)/handouts/html/index.html")
	@echo "$(B)/handouts/student/html/index.html"

LAB_FILES     = $(wildcard labs/*.mk labs/*/Makefile labs/*/*.[ch])
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
	$(foreach f,$(wildcard course.example.yaml),install -m 644 $f "$(DESTDIR)$(DATADIR)")

uninstall: ## remove what install put there
	rm -f "$(DESTDIR)$(BINDIR)/socklab" "$(DESTDIR)$(MANDIR)/socklab.1"
	rm -rf "$(DESTDIR)$(DATADIR)"

clean: ## remove build, build-asan and build-fuzz
	rm -rf build build-asan build-fuzz

help: ## list the targets
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } \
	    /^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' Makefile $(INSTRUCTORS)

FORCE:
.PHONY: all reference kit grade tidy docs handouts install uninstall clean help FORCE

-include $(OBJECTS:.o=.d)
