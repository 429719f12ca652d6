/**
 * @file
 * peer/journal.c: what reaches /dev/log, as syslog(3) and others write it.
 */
#include "peer/journal.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void test_parse(void)
{
    static const struct {
        const char *message;
        int facility, severity;
        const char *name;
        pid_t pid;
        const char *words, *text;
    } cases[] = {
        {"<30>Jan  2 03:04:05 daemon_server[123]: started", 3, 6, "daemon_server", 123, "daemon_server[123]: started", "started"},
        {"<30>Jan 12 03:04:05 daemon_server[123]: a: b[5]: c", 3, 6, "daemon_server", 123, "daemon_server[123]: a: b[5]: c", "a: b[5]: c"},
        {"<14>Jan  2 03:04:05 daemon_server: started", 1, 6, "daemon_server", 0, "daemon_server: started", "started"},
        {"<30>Jan  2 03:04:05 lab daemon_server[7]: started", 3, 6, "daemon_server", 7, "lab daemon_server[7]: started", "started"},
        {"<30>daemon_server[7]:started", 3, 6, "daemon_server", 7, "daemon_server[7]:started", "started"},
        {"<30>started", 3, 6, "", 0, "started", "started"},
        {"daemon_server[0]: started", -1, -1, "daemon_server[0]", 0, "daemon_server[0]: started", "started"},
        {"<192>x: y", -1, -1, "<192>x", 0, "<192>x: y", "y"},
        {"<>x: y", -1, -1, "<>x", 0, "<>x: y", "y"},
        {"<30>Jan  2 03:04", 3, 6, "03", 0, "Jan  2 03:04", "04"},
        {"", -1, -1, "", 0, "", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct journal_entry e;
        journal_parse(cases[i].message, &e);
        CU_ASSERT_EQUAL(e.facility, cases[i].facility);
        CU_ASSERT_EQUAL(e.severity, cases[i].severity);
        CU_ASSERT_STRING_EQUAL(e.name, cases[i].name);
        CU_ASSERT_EQUAL(e.pid, cases[i].pid);
        CU_ASSERT_STRING_EQUAL(cases[i].message + e.words, cases[i].words);
        CU_ASSERT_STRING_EQUAL(cases[i].message + e.text, cases[i].text);
    }
}

/* Whoever writes to the socket is read: NULs and newlines at the end are nobody's words, the time is not told. */
static void test_receive(void)
{
    char directory[] = "/tmp/journal-XXXXXX";
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    struct timeline *t = timeline_new(0);
    struct journal j;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *path = xasprintf("%s/log", directory);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_EQUAL_FATAL(journal_open(&j, t, path), 0);
    CU_ASSERT_FALSE(journal_handle(&j));
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    CU_ASSERT_EQUAL(send(fd, "<29>Feb 28 23:59:59 x[9]: one\n\0", 32, 0), 32);
    CU_ASSERT_EQUAL(send(fd, "<29>x[9]: a\0b", 13, 0), 13);
    CU_ASSERT_TRUE(journal_handle(&j));
    CU_ASSERT_EQUAL_FATAL(j.entries, 2);
    CU_ASSERT_STRING_EQUAL(j.entry[0].message, "<29>Feb 28 23:59:59 x[9]: one");
    CU_ASSERT_STRING_EQUAL(j.entry[0].event->text, "/dev/log receives \"x[9]: one\"");
    CU_ASSERT_EQUAL(j.entry[0].severity, 5);
    CU_ASSERT_STRING_EQUAL(j.entry[1].message + j.entry[1].text, "a b");
    CU_ASSERT_EQUAL(journal_open(&(struct journal){0}, t, path), -98 /* EADDRINUSE */);
    close(fd);
    close(j.fd);
    for (size_t i = 0; i < j.entries; i++)
        free(j.entry[i].message);
    timeline_free(t);
    CU_ASSERT_EQUAL(tree_remove(directory), 0);
    free(path);
}

void suite_journal(void)
{
    unit_test("messages of syslog(3), with and without time, host and number", test_parse);
    unit_test("what is sent to the socket is kept and told", test_receive);
}
