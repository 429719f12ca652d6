/* zoo: fails aborted -- a client that went away while it was queued ends the server */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int g_listener, g_conn;
unsigned g_port;
struct sockaddr_in g_peer;

void OnPipe(int signo)
{
    (void)signo;
}

void Fail(char *what)
{
    perror(what);
    exit(1);
}

void Usage(void)
{
    fprintf(stderr, "usage: hello_server PORT\n");
    exit(2);
}

void ParseArguments(int argc, char **argv)
{
    char *p;

    if (argc != 2 || *argv[1] == '\0')
        Usage();
    for (p = argv[1]; *p; ++p)
    {
        if (*p < '0' || *p > '9')
            Usage();
        g_port = g_port * 10 + (unsigned)(*p - '0');
        if (g_port > 65535)
            Usage();
    }
    if (g_port == 0)
        Usage();
}

void SetUpSignals(void)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = OnPipe;
    sa.sa_flags = SA_RESTART;
    if (sigaction(SIGPIPE, &sa, NULL) == -1)
        Fail("sigaction");
}

void CreateSocket(void)
{
    g_listener = socket(AF_INET, SOCK_STREAM, 0);
    if (g_listener == -1)
        Fail("socket");
}

void AllowReuse(void)
{
    int one = 1;

    if (setsockopt(g_listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == -1)
        Fail("setsockopt");
}

void BindSocket(void)
{
    struct sockaddr_in a;

    memset(&a, 0, sizeof(a));
    a.sin_family = AF_INET;
    a.sin_port = htons((in_port_t)g_port);
    a.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(g_listener, (struct sockaddr *)&a, sizeof(a)) == -1)
        Fail("bind");
}

void StartListening(void)
{
    if (listen(g_listener, 5) == -1)
        Fail("listen");
}

int NextClient(void)
{
    socklen_t len = sizeof(g_peer);

    g_conn = accept(g_listener, (struct sockaddr *)&g_peer, &len);
    return g_conn != -1;
}

void LogClient(void)
{
    printf("connection from %s:%d\n", inet_ntoa(g_peer.sin_addr), (int)ntohs(g_peer.sin_port));
}

size_t SendSome(const char *text, size_t length)
{
    ssize_t n;

    do
        n = write(g_conn, text, length);
    while (n == -1 && errno == EINTR);
    return n == -1 ? 0 : (size_t)n;
}

void Greet(void)
{
    const char *text = "Hello World!\n";
    size_t n;

    while (*text != '\0' && (n = SendSome(text, strlen(text))) > 0)
        text += n;
}

void HangUp(void)
{
    close(g_conn);
    g_conn = -1;
}

int main(int argc, char **argv)
{
    ParseArguments(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    SetUpSignals();
    CreateSocket();
    AllowReuse();
    BindSocket();
    StartListening();
    for (;;)
    {
        if (!NextClient())
        {
            if (errno == ECONNABORTED)
                Fail("accept");
            continue;
        }
        LogClient();
        Greet();
        HangUp();
    }
}
