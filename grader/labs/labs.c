/**
 * @file labs.c
 * The table of labs: a new lab is a new file and a line here.
 */
#include "labs/labs.h"

const struct lab *const labs_all[] = {
    &lab_01_socket,
    &lab_02_bind,
    &lab_03_listen,
    &lab_04_accept,
    &lab_05_connect,
    &lab_06_read_write,
    &lab_07_close,
    &lab_08_signals,
    &lab_09_fork,
    &lab_10_daemon,
    &lab_11_threads,
    &lab_12_poll,
    &lab_13_udp,
    &lab_14_http,
    NULL,
};
