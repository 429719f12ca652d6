/* What a client asks for. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define MAX 8192

struct request {
    char method[32];
    char target[MAX];
    int minor, hosts;
    bool close, keep;
};

/* What has come from a client and is not used yet. */
struct input {
    int fd;
    char bytes[MAX];
    size_t have;
    bool eof;
};

/* Waits for the next request. 0 when there is none any more, 200, or the status of an error. */
int request_read(struct input *in, struct request *r);

#endif
