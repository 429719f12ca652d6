/* What a client is told. */
#ifndef ANSWER_H
#define ANSWER_H

#include "request.h"

/* Sends all of it; false when the client is gone. */
bool answer_send(int fd, const struct request *r, int status);

#endif
