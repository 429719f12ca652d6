/* hostile: compiler 04-accept -- messages without end: warnings in a file that includes itself two ways
 * holds: score: 0
 * holds: fails: builds
 */
#if __INCLUDE_LEVEL__ < 150
#warning "a line that is repeated for ever, as long as a line can be made to be, and then a little longer than that"
#include "hello_server.c"
#include "hello_server.c"
#include "hello_server.c"
#endif
