/* hostile: waiting 04-accept -- lets an interpreter that is installed everywhere do the work, in another language than C
 * only: builds,greets,next-client,peer-address,order
 * holds: score: 4
 */
#include <stdio.h>
#include <unistd.h>

static const char script[] =
    "use Socket; socket(S, PF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);"
    "bind(S, sockaddr_in($ARGV[0], INADDR_ANY)) || die; listen(S, 16); $| = 1; $SIG{PIPE} = 'IGNORE';"
    "while (1) { $a = accept(C, S) || next; ($p, $h) = sockaddr_in($a);"
    "print 'connection from ', inet_ntoa($h), ':', $p, qq(\\n); syswrite(C, qq(Hello World!\\n)); close(C) }";

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: hello_server PORT\n");
        return 2;
    }
    execl("/usr/bin/perl", "perl", "-e", script, argv[1], (char *)NULL);
    return 1;
}
