/**
 * @file
 * Preloaded into a server, it says when the server listens: listen(2) closes the descriptor whose number is in LISTENING. Whoever
 * reads from the other end of that pipe gets end of file then, or when the server has ended. Nobody has to try again and again.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int listen(int fd, int backlog)
{
    int (*listen_really)(int, int);
    void *symbol = dlsym(RTLD_NEXT, "listen");
    const char *number = getenv("LISTENING");

    memcpy(&listen_really, &symbol, sizeof listen_really);
    int result = listen_really(fd, backlog);
    if (result == 0 && number)
        close(atoi(number));
    return result;
}
