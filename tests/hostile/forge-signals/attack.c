/* hostile: forging 04-accept -- signals to the parent, the group, the session, everybody and the host's canary
 * holds: score: as honest
 */
ATTACK attack(void)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGALRM, SIGCHLD, SIGPIPE};

    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        signal(signals[i], SIG_IGN);
        kill(getppid(), signals[i]);
        kill(0, signals[i]);
        kill(-1, signals[i]);
        kill(1, signals[i]);
        kill(@PID@, signals[i]);
    }
    for (pid_t pid = 1; pid < 400; pid++) {
        if (pid != getpid()) {
            kill(pid, SIGKILL);
            kill(pid, SIGSTOP);
        }
    }
    kill(@PID@, SIGKILL);
    kill(-@PID@, SIGKILL);
    kill(-1, SIGKILL);
    kill(-1, SIGSTOP);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        signal(signals[i], SIG_DFL);
}
