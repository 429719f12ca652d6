# The rules that every lab's Makefile shares. A lab's Makefile sets, before it includes this file:
#
#   LAB       the lab's number
#   PROGRAMS  the programs to build; each one is built from the C file of its name
#   PARTS     further C files that belong into each of the programs (may be empty)
#
# and may add to CFLAGS, LDLIBS, HELP_EXTRA and CLEAN_EXTRA, and have targets of its own.
#
# The grader never runs this file or a Makefile of yours: it compiles the files that the lab names.

CC ?= cc
# -std=gnu11: C11 with POSIX. -g: a debugger, and the grader, can name your lines.
CFLAGS += -std=gnu11 -g -Wall -Wextra
HEADERS := $(wildcard *.h)

# The grader: the one that was built in this kit, or else the one that is installed.
SOCKLAB ?= $(firstword $(wildcard ../../build/socklab) $(shell command -v socklab 2>/dev/null))

.PHONY: all grade clean help

all: $(PROGRAMS)

$(PROGRAMS): %: %.c $(PARTS) $(HEADERS)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(PARTS) $(LDLIBS)

# The exit status of the grader is passed on; make then adds a line "Error 1" of its own when the grade
# is not full marks.
grade:
	@if test -z "$(SOCKLAB)"; then \
	    echo "make grade: there is no grader yet." >&2; \
	    echo "Build it with 'make' in the kit's top folder, or name one: make grade SOCKLAB=/path/to/socklab" >&2; \
	    exit 3; \
	fi
	@"$(SOCKLAB)" grade $(LAB) .

clean:
	rm -f $(PROGRAMS) $(CLEAN_EXTRA)

help:
	@echo "make         build $(PROGRAMS)"
	@echo "make grade   have lab $(LAB) graded"
	@echo "make clean   remove what was built"
	@$(if $(HELP_EXTRA),echo "$(HELP_EXTRA)",:)
