/**
 * @file
 * The tables of the labs: what instructors script against is there, what students read says something.
 */
#include "labs/labs.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    POINTS = 100,
    TITLE_COLUMNS = 48, /* beside the id and the points, in a terminal of 80 */
    SAYS_SOMETHING = 25, /* bytes of a hint or a reason, below which it is a stub */
};

/* --- the specification's ids ------------------------------------------------------------------------- */

/* More checks are welcome, fewer are not. Every lab has EVERY. */
#define EVERY "builds warnings usage reports-failure memory descriptors order reference "
#define TALKS EVERY "short-io interrupted "
#define SERVES TALKS "in-use "

static const struct {
    const char *id, *checks;
} specified[] = {
    {"01-socket", EVERY "tcp udp ipv6 unix fd-number asks-kernel closes"},
    {"02-bind", EVERY "exact-port exact-address ephemeral ipv6 reuse refused bad-input"},
    {"03-listen", EVERY "interrupted in-use handshake backlog port-zero waits door-closes"},
    {"04-accept", SERVES "greets peer-address logs-at-once next-client queued aborted vanished no-descriptors"},
    {"05-connect", TALKS "connects by-name by-service ipv6 next-address retries gives-up fresh-socket reads-all "
                         "broken unknown no-bind"},
    {"06-read-write", SERVES "readn writen readline echoes binary large trickle next-client reset early-close last-line"},
    {"07-close", SERVES "half-close after-eof collects binary empty no-reset restarts vanished"},
    {"08-signals", SERVES "term int finishes race usr1 storm pipe port-free"},
    {"09-fork", SERVES "concurrent many processes no-zombies parent-closes child-closes fork-fails no-descriptors "
                       "child-crash"},
    {"10-daemon", SERVES "returns detached surroundings pidfile one-instance failure-seen syslog term hup concurrent"},
    {"11-threads", SERVES "relays pieces ordered leaves long-line threads both-ways server-gone"},
    {"12-poll", SERVES "relays pieces ordered leaves long-line one-thread slow-reader would-block idle many half-closed"},
    {"13-udp", EVERY "in-use echoes boundaries largest many resends gives-up stranger late refused"},
    {"14-http", EVERY "short-io in-use get head not-found bad-request not-implemented keep-alive close http-1-0 "
                      "pipelined pieces large concurrent traversal escapes limits vanished curl"},
};

static const char *specified_checks(const struct lab *lab)
{
    for (size_t i = 0; i < sizeof(specified) / sizeof(specified[0]); i++)
        if (strcmp(specified[i].id, lab->id) == 0)
            return specified[i].checks;
    return NULL;
}

/* --- going through the tables --------------------------------------------------------------------------- */

/* CUnit names the line of an assertion; which lab and check it was stands on a line of its own. */
static void expect(bool good, const struct lab *lab, const char *id, const char *what)
{
    if (!good)
        printf("#   %s %s: %s\n", lab->id, id ? id : "", what);
    CU_ASSERT(good);
}

typedef void (*judgement)(const struct lab *lab, const struct check_spec *spec);

static void each_check(judgement judge)
{
    for (size_t i = 0; labs_all[i]; i++)
        for (size_t j = 0; j < labs_all[i]->checks; j++)
            judge(labs_all[i], &labs_all[i]->check[j]);
}

static void test_there_are_labs(void)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(labs_all[0]);
    for (size_t i = 0; labs_all[i]; i++) {
        const struct lab *lab = labs_all[i];
        expect(lab->checks > 0, lab, NULL, "it has no checks");
        expect(atoi(lab->id) == lab->number, lab, NULL, "its number is not its name's");
        expect(lab->title && *lab->title, lab, NULL, "it has no title");
        expect(i == 0 || labs_all[i - 1]->number < lab->number, lab, NULL, "the labs are not in order");
    }
}

static void test_points(void)
{
    for (size_t i = 0; labs_all[i]; i++) {
        int sum = 0;
        for (size_t j = 0; j < labs_all[i]->checks; j++)
            sum += labs_all[i]->check[j].points;
        expect(sum == POINTS, labs_all[i], NULL, "the points do not sum up to 100");
    }
}

static void judge_points(const struct lab *lab, const struct check_spec *spec)
{
    expect(spec->points > 0, lab, spec->id, "a check without points");
}

static void test_points_of_each(void)
{
    each_check(judge_points);
}

static void test_specified(void)
{
    for (size_t i = 0; labs_all[i]; i++) {
        const struct lab *lab = labs_all[i];
        const char *list = specified_checks(lab);
        expect(list != NULL, lab, NULL, "the specification has no such lab");
        char *ids = xstrdup(list ? list : ""), *rest = NULL;
        for (char *id = strtok_r(ids, " ", &rest); id; id = strtok_r(NULL, " ", &rest))
            expect(lab_check(lab, id) != NULL, lab, id, "a check of the specification is missing");
        free(ids);
    }
}

static void judge_unique(const struct lab *lab, const struct check_spec *spec)
{
    for (const struct check_spec *other = lab->check; other < spec; other++) {
        expect(strcmp(other->id, spec->id) != 0, lab, spec->id, "an id twice");
        expect(strcmp(other->title, spec->title) != 0, lab, spec->id, "a title twice");
        expect(strcmp(other->hint, spec->hint) != 0, lab, spec->id, "a hint twice");
        expect(strcmp(other->why, spec->why) != 0, lab, spec->id, "a reason twice");
    }
}

static void test_unique(void)
{
    each_check(judge_unique);
}

static void judge_id(const struct lab *lab, const struct check_spec *spec)
{
    size_t n = strspn(spec->id, "abcdefghijklmnopqrstuvwxyz0123456789-");
    expect(n > 0 && spec->id[n] == '\0', lab, spec->id, "an id is of small letters, digits and hyphens");
}

static void test_ids(void)
{
    each_check(judge_id);
}

/* --- what students read ------------------------------------------------------------------------------------ */

static int columns(const char *text)
{
    int sum = 0;
    for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
        uint32_t code;
        n = utf8_decode(text, left, &code);
        if (n == 0)
            return -1;
        sum += utf8_width(code);
    }
    return sum;
}

static void judge_title(const struct lab *lab, const struct check_spec *spec)
{
    int width = columns(spec->title);
    expect(width > 3, lab, spec->id, "no title, or not UTF-8");
    expect(width <= TITLE_COLUMNS, lab, spec->id, "a title of more than 48 columns");
}

static void test_titles(void)
{
    each_check(judge_title);
}

/* A whole sentence or several. */
static bool is_text(const char *text)
{
    size_t length = text ? strlen(text) : 0;
    return length >= SAYS_SOMETHING && strchr(text, ' ') && strchr(".?!", text[length - 1]) &&
           strspn(text, " \n\t") == 0 && !strchr(text, '\n') && !strstr(text, "TODO") && !strstr(text, "  ");
}

static void judge_words(const struct lab *lab, const struct check_spec *spec)
{
    expect(is_text(spec->hint), lab, spec->id, "the hint is no sentence");
    expect(is_text(spec->why), lab, spec->id, "the reason is no sentence");
}

static void test_words(void)
{
    each_check(judge_words);
}

static void judge_handout(const struct lab *lab, const struct check_spec *spec)
{
    const char *hash = spec->handout ? strchr(spec->handout, '#') : NULL;
    expect(hash && hash[1], lab, spec->id, "no section of a handout");
    if (!hash)
        return;
    int page_length = (int)(hash - spec->handout);
    expect((size_t)page_length == strlen(lab->id) && strncmp(spec->handout, lab->id, strlen(lab->id)) == 0, lab,
           spec->id, "a section of another lab's handout");
    char *path = xasprintf(SOCKLAB_ROOT "/handouts/%.*s.md", page_length, spec->handout);
    char *anchor = xasprintf("{#%s}", hash + 1);
    struct buf page = {0};
    expect(file_read(path, &page) == 0, lab, spec->id, "the handout cannot be read");
    expect(strstr(buf_text(&page), anchor) != NULL, lab, spec->id, "the handout has no such section");
    buf_free(&page);
    free(path);
    free(anchor);
}

static void test_handouts(void)
{
    each_check(judge_handout);
}

/* --- what runs ------------------------------------------------------------------------------------------------ */

static void judge_run(const struct lab *lab, const struct check_spec *spec)
{
    bool judged_by_build = strcmp(spec->id, "builds") == 0 || strcmp(spec->id, "warnings") == 0;
    expect((spec->run == NULL) == judged_by_build, lab, spec->id, "only builds and warnings have nothing to run");
    if (strcmp(spec->id, "memory") == 0)
        expect(spec->needs != NEEDS_PLAIN, lab, spec->id, "memory is judged without a sanitizer");
}

static void test_run(void)
{
    each_check(judge_run);
}

static bool is_listed(const char *const *list, const char *name)
{
    for (; list && *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

/* A program is made of what is handed in, what may be, and what the kit gives. */
static void test_sources(void)
{
    for (size_t i = 0; labs_all[i]; i++) {
        const struct lab *lab = labs_all[i];
        const struct build_spec *build = &lab->build;
        expect(build->programs > 0 && build->programs <= BUILD_PROGRAMS_MAX, lab, NULL, "no programs");
        expect(build->hand_in && build->hand_in[0], lab, NULL, "nothing is handed in");
        for (size_t j = 0; j < build->programs; j++)
            for (const char *const *source = build->program[j].source; *source; source++)
                expect(is_listed(build->hand_in, *source) || is_listed(build->optional, *source) ||
                           is_listed(build->kit, *source), lab, *source, "nobody gives this source");
    }
}

/* luggage_pack() looks for them there. */
static void test_references(void)
{
    for (size_t i = 0; labs_all[i]; i++) {
        const struct lab *lab = labs_all[i];
        for (const char *const *name = lab->reference; name && *name; name++) {
            char *path = strchr(*name, '/') ? xasprintf(SOCKLAB_BUILD "/reference/%s", *name)
                                            : xasprintf(SOCKLAB_BUILD "/reference/%s/%s", lab->id, *name);
            expect(access(path, X_OK) == 0, lab, *name, "this reference program is not built");
            free(path);
        }
    }
}

/* --- by name ----------------------------------------------------------------------------------------------------- */

static void test_find(void)
{
    const struct lab *first = labs_all[0];
    char *digits = xasprintf("%d", first->number), *padded = xasprintf("%02d", first->number);
    char *three = xasprintf("%03d", first->number), *tail = xasprintf("%dx", first->number);

    CU_ASSERT_PTR_EQUAL(lab_find(labs_all, first->id), first);
    CU_ASSERT_PTR_EQUAL(lab_find(labs_all, digits), first);
    CU_ASSERT_PTR_EQUAL(lab_find(labs_all, padded), first);
    CU_ASSERT_PTR_NULL(lab_find(labs_all, three));
    CU_ASSERT_PTR_NULL(lab_find(labs_all, tail));
    CU_ASSERT_PTR_NULL(lab_find(labs_all, ""));
    CU_ASSERT_PTR_NULL(lab_find(labs_all, "99"));
    CU_ASSERT_PTR_NULL(lab_find(labs_all, "-4"));
    CU_ASSERT_PTR_NULL(lab_find(labs_all, "04-"));
    CU_ASSERT_PTR_EQUAL(lab_check(first, "builds"), &first->check[0]);
    CU_ASSERT_PTR_NULL(lab_check(first, ""));
    CU_ASSERT_PTR_NULL(lab_check(first, "build"));
    free(digits);
    free(padded);
    free(three);
    free(tail);
}

void suite_lab(void)
{
    unit_test("there are labs, in order", test_there_are_labs);
    unit_test("the points of each lab sum up to 100", test_points);
    unit_test("each check is worth something", test_points_of_each);
    unit_test("each check of the specification is there", test_specified);
    unit_test("ids, titles, hints and reasons are there once", test_unique);
    unit_test("ids can be typed", test_ids);
    unit_test("titles fit on a line", test_titles);
    unit_test("hints and reasons are sentences", test_words);
    unit_test("each check has its section in the lab's handout", test_handouts);
    unit_test("each check runs something, or the build judges it", test_run);
    unit_test("each source of a program comes from somewhere", test_sources);
    unit_test("the reference programs are built", test_references);
    unit_test("a lab by number or name", test_find);
}
