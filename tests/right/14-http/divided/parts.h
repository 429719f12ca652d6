#ifndef PARTS_H
#define PARTS_H

#include <stdbool.h>
#include <sys/stat.h>

#define REQUEST_MAX 8192

/* reply.c */
int send_head(int fd, int status, const char *type, long long length, bool close);
int send_error(int fd, int status, bool head_only, bool close);
int send_file(int fd, int file, long long size);
const char *type_of(const char *path);

/* path.c */
extern char root[];
int open_path(const char *path, struct stat *st, char *real);

#endif
