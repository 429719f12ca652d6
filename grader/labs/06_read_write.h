/**
 * @file 06_read_write.h
 * What the two files of lab 06 share: the functions of io.c are judged in one, the programs in the other.
 */
#ifndef SOCKLAB_LABS_06_READ_WRITE_H
#define SOCKLAB_LABS_06_READ_WRITE_H

#include "labs/labs.h"

void lab06_run_readn(struct check *c);
void lab06_run_writen(struct check *c);
void lab06_run_readline(struct check *c);

#endif
