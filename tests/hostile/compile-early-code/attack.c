/* hostile: compiler 04-accept -- runs code before main() in every way that there is: preinit, init, constructors, resolvers
 * holds: score: as honest
 */
static int ran;

static void early(void)
{
    ran++;
    long refused = syscall(SYS_unshare, CLONE_NEWUSER);
    if (refused == 0)
        succeeded("unshare before main");
}

__attribute__((section(".preinit_array"), used)) static void (*preinit)(void) = early;
__attribute__((section(".init_array"), used)) static void (*init)(void) = early;
__attribute__((section(".fini_array"), used)) static void (*fini)(void) = early;

static int real(void)
{
    return 1;
}
static int (*resolve(void))(void)
{
    return real;
}
int chosen(void) __attribute__((ifunc("resolve")));

__attribute__((constructor(101))) static void first(void)
{
    early();
}
