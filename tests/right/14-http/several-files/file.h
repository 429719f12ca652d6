/* Files below DIR, and nothing else. */
#ifndef FILE_H
#define FILE_H

#include <sys/types.h>

int file_root(const char *directory);
/* 200 with a descriptor, its size and its type, or the status of an error. */
int file_find(const char *target, int *fd, off_t *size, const char **type);

#endif
