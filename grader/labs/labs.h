/**
 * @file labs.h
 * The labs that this grader knows, one file each: 04_accept.c holds the table of lab 04's checks
 * and the conversations behind them.
 */
#ifndef SOCKLAB_LABS_H
#define SOCKLAB_LABS_H

#include "check/check.h"

/** In the order of their numbers, NULL-ended. */
extern const struct lab *const labs_all[];

extern const struct lab lab_01_socket;
extern const struct lab lab_02_bind;
extern const struct lab lab_03_listen;
extern const struct lab lab_04_accept;
extern const struct lab lab_05_connect;
extern const struct lab lab_06_read_write;
extern const struct lab lab_07_close;
extern const struct lab lab_08_signals;
extern const struct lab lab_09_fork;
extern const struct lab lab_10_daemon;
extern const struct lab lab_11_threads;
extern const struct lab lab_12_poll;
extern const struct lab lab_13_udp;
extern const struct lab lab_14_http;

#endif
