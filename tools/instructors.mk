# The instructors' part of the Makefile: what needs solutions/ or tests/. The students' kit (make dist) comes
# without this file; there the Makefile takes the reference programs from prebuilt/.

# Reference programs: in a solution's folder each file with a main() is a program, and the others
# (test_*.c apart) are linked into every program of that folder.
SOLUTIONS := $(foreach f,$(wildcard solutions/*/*.c),$(if $(filter test_%,$(notdir $f)),,$f))
MAINS     := $(shell grep -lE '^(int[[:blank:]]+)?main\>' $(SOLUTIONS) /dev/null)
PROGRAMS  := $(MAINS:solutions/%.c=$(B)/reference/%)

# What is made of a solution goes to students, in their kit and by `make install`: it has no debug information and no
# names, nor a trace of the folder that it was made in, so that everybody makes the same bytes.
REFERENCE_BASE  := -std=gnu11 -O1 -fno-omit-frame-pointer -Wall -Wextra -Werror '-ffile-prefix-map=$(CURDIR)=.'
REFERENCE_FLAGS := $(REFERENCE_BASE) -no-pie -pthread -s -Wl,--build-id=none

define reference_rule
$(B)/reference/$(1): solutions/$(1).c $$(filter-out $$(MAINS),$$(filter $$(dir solutions/$(1))%,$$(SOLUTIONS))) \
    $$(wildcard $$(dir solutions/$(1))*.h) $(call lent,$(dir $(1))) $$(B)/flags
	@mkdir -p $$(@D)
	$$(say)$$(CC) $$(REFERENCE_FLAGS) $(addprefix -I,$(sort $(dir $(call lent,$(dir $(1)))))) -o $$@ $$(filter %.c,$$^)
endef

# A lab may go on with files of an earlier one: solutions/NN-name/KIT lists them, each as LAB/FILE. They are linked
# into its programs like its own. Its kit has the headers as they are, and the C files as objects, one for each way
# in which the grader compiles (build_object() in grader/build): they are a solution.
lent      = $(addprefix solutions/,$(file <solutions/$(1)/KIT))
GIVEN     := $(wildcard solutions/*/*.h)
BORROWERS := $(patsubst solutions/%/KIT,%,$(wildcard solutions/*/KIT))
KIT_FILES += $(GIVEN:solutions/%=$(B)/kit/%)

define header_rule
KIT_FILES += $(B)/kit/$(1)/$(notdir $(2))
$(B)/kit/$(1)/$(notdir $(2)): $(2)
	@mkdir -p $$(@D)
	cp $$< $$@
endef

define object_rule
KIT_FILES += $(B)/kit/$(1)/$(basename $(notdir $(2)))$(3)
$(B)/kit/$(1)/$(basename $(notdir $(2)))$(3): $(2) $(wildcard $(dir $(2))*.h) $(B)/flags
	@mkdir -p $$(@D)
	$$(say)$$(CC) $$(REFERENCE_BASE) -fno-pie $(4) -c -o $$@ $$< && strip --strip-unneeded $$@
endef

$(foreach program,$(MAINS:solutions/%.c=%),$(eval $(call reference_rule,$(program))))
$(foreach lab,$(BORROWERS),\
    $(foreach file,$(filter %.h,$(call lent,$(lab))),$(eval $(call header_rule,$(lab),$(file))))\
    $(foreach file,$(filter %.c,$(call lent,$(lab))),\
        $(eval $(call object_rule,$(lab),$(file),.o,))\
        $(eval $(call object_rule,$(lab),$(file),.asan.o,-fsanitize=address))\
        $(eval $(call object_rule,$(lab),$(file),.tsan.o,-fsanitize=thread))))

$(B)/kit/%: solutions/%
	@mkdir -p $(@D)
	cp $< $@

##@ For instructors
demo: all ## grade three hand-ins of lab 04 and show their reports
	@./tools/demo.sh

skeletons: ## generate labs/ from solutions/
	./tools/skeletons.sh

# Another folder for the kits: make dist DIST=folder
DIST = $(B)/dist
dist: $(PROGRAMS) $(KIT_FILES) ## pack the students' kit and the instructors' kit into build/dist
	@./tools/dist.sh "$(DIST)" "$(MACHINE)" "$(B)" $(filter-out $(KIT:grader/%=%) $(HOOKS:$(B)/%=%),$(PROGRAMS:$(B)/%=%) $(KIT_FILES:$(B)/%=%))

##@ Prove
# A test may narrow an integer without a word; everything else is held to the grader's rules.
TESTWARN := -Wall -Wextra -Wshadow -Werror
SUITES   := $(wildcard tests/unit/test_*.c)
UNIT     := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/unit/*.c)) $(B)/obj/tests/unit/suites.o
TRACEES  := $(patsubst tests/tracees/%.c,$(B)/tracees/%,$(wildcard tests/tracees/*.c))
TOOLS    := $(patsubst tests/tool_%.c,$(B)/tool/%,$(wildcard tests/tool_*.c))
BENCHES  := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))

check: all tests ## run every test; the last line says how many passed and failed
	@./tests/run.sh

hostile: all $(TOOLS) ## grade the hostile submissions: [NAME=forks]
	@./tests/hostile.sh $(NAME)

zoo: all $(TOOLS) ## grade the broken and the right submissions: [LAB=04-accept] [ZOO=name]
	@./tests/run-zoo.sh $(LAB) $(ZOO)

tests: $(B)/unit $(TRACEES) $(TOOLS) fuzzers

asan: $(if $(filter-out asan,$(MAKECMDGOALS)),,all tests) ## all under ASan and UBSan in build-asan; also: make asan check

# Bounded by runs and by time for each parser; ONLY names some of them.
RUNS    = 100000
SECONDS = 300
fuzz: ## the parsers of strangers' bytes under libFuzzer (clang), in build-fuzz: [RUNS=n] [SECONDS=n] [ONLY="parser..."]
	@echo 'int LLVMFuzzerTestOneInput(const char *b, long n) { return b && n > 9; }' | \
	    clang -fsanitize=fuzzer,address,undefined -x c - -o /dev/null 2>/dev/null || \
	    { echo "make: clang with libFuzzer is not here; ./setup.sh --dev installs it" >&2; exit 2; }
	@$(MAKE) --no-print-directory B=build-fuzz CC=clang CFLAGS='-g -O1' FUZZER=-fsanitize=fuzzer \
	    SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' fuzzers
	@SOCKLAB_BUILD=build-fuzz ./tests/fuzz/run.sh "$(RUNS)" "$(SECONDS)" $(ONLY)

check-browser: all handouts $(B)/tool/pages ## the book and the grader's pages in a real browser (Chromium; ./setup.sh --browser installs it) [PICTURES=folder]
	@./tests/browser/check.sh $(PICTURES)

bench: all $(TOOLS) $(BENCHES) $(B)/bench/listening.so ## the grader's speed, and lab 14's server beside nginx, as ratios measured in one run
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

# A parser that strangers feed: with libFuzzer by `make fuzz`, else with a driver that runs it on its corpus. What one asks of
# the kernel is answered by the target.
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZER  :=
$(B)/fuzz/network: FUZZ_WRAP := -Wl,--wrap=recv,--wrap=send,--wrap=file_read

fuzzers: $(FUZZERS)

.SECONDARY: $(patsubst tests/fuzz/%.c,$(B)/obj/tests/fuzz/%.o,$(wildcard tests/fuzz/*.c))
$(B)/obj/tests/fuzz/%.o: tests/fuzz/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) -Itests/fuzz $(TESTWARN) $(CFLAGS) $(SANITIZE) -c -o $@ $<

$(B)/fuzz/%: $(B)/obj/tests/fuzz/fuzz_%.o $(B)/obj/tests/fuzz/fuzz.o $(if $(FUZZER),,$(B)/obj/tests/fuzz/driver.o) $(LIBRARY)
	@mkdir -p $(@D)
	$(say)$(CC) $(CFLAGS) $(SANITIZE) $(FUZZER) $(LDFLAGS) $(FUZZ_WRAP) -o $@ $^ $(LIB_LIBS)

# A tracee makes exactly known calls: never sanitized, its lines readable.
$(B)/tracees/%: tests/tracees/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) -std=gnu11 -D_GNU_SOURCE -MMD -MP -g -O1 -fno-omit-frame-pointer -no-pie $(TESTWARN) -pthread -o $@ $<

$(B)/tool/%: tests/tool_%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) $(WARN) $(CFLAGS) $(SANITIZE) -o $@ $< $(filter %.o,$^) $(LIB_LIBS)

# What the grader makes of a class's hand-ins, without grading them.
$(B)/tool/submissions: $(LIBRARY)
# Pages with everything that a browser could take for markup.
$(B)/tool/pages: $(LIBRARY)

# The tracer without a check around it.
$(B)/bench/trace_%: tests/bench/trace_%.c $(LIBRARY) $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) $(WARN) $(CFLAGS) $(SANITIZE) -o $@ $< $(LIBRARY) $(LIB_LIBS)

# Preloaded into servers that are measured: it says when one listens.
$(B)/bench/%.so: tests/bench/preload/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) -std=gnu11 -D_GNU_SOURCE $(TESTWARN) -O2 -shared -fPIC -o $@ $<

$(B)/bench/%: tests/bench/%.c $(B)/flags
	@mkdir -p $(@D)
	$(say)$(CC) $(BASE) $(WARN) $(CFLAGS) -o $@ $< -pthread

.PHONY: demo skeletons dist check zoo hostile tests asan fuzz fuzzers check-browser bench

-include $(wildcard $(B)/obj/tests/fuzz/*.d)
-include $(UNIT:.o=.d) $(TRACEES:=.d) $(TOOLS:=.d) $(BENCHES:=.d)
