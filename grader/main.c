/**
 * @file main.c
 * The process: its standard descriptors, its language, and which subcommand it is (command/).
 */
#include "command/command.h"

#include <fcntl.h>
#include <libintl.h>
#include <locale.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/**
 * Without it a pipe of the grader's could become descriptor 0, 1 or 2, and be taken for a standard one. What was
 * closed stays useless: writing to such a standard output fails, and is reported.
 */
static void reserve_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(STATUS_TROUBLE); /* there is nowhere to say it */
}

int main(int argc, char **argv)
{
    reserve_standard_descriptors();
    setlocale(LC_ALL, "");
    textdomain("socklab");
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        command_help(stderr);
        return STATUS_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "help") == 0) {
        command_help(stdout);
        return command_end_output();
    }
    if (strcmp(word, "--version") == 0) {
        printf("socklab %s\n", SOCKLAB_VERSION);
        return command_end_output();
    }
    if (strcmp(word, "grade") == 0)
        return command_grade(argc - 1, argv + 1);
    if (strcmp(word, "class") == 0)
        return command_class(argc - 1, argv + 1);
    if (strcmp(word, "checks") == 0)
        return command_checks(argc - 1, argv + 1);
    if (strcmp(word, "doctor") == 0)
        return command_doctor(argc - 1, argv + 1);
    command_usage(_("unknown command '%s'"), word);
}
