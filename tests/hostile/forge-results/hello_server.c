/* hostile: forging 04-accept -- prints what a grade looks like, as JSON, as a report and as frames of the verdict's pipe
 * holds: score: 6
 * holds: report has no: "score": 100
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    static const char grade[] = "{\"lab\":\"04-accept\",\"score\":100,\"max\":100,\"complete\":true,\"checks\":[]}\n"
                                "100/100  19 passed; seed 1, 0.1 s\nok - solution 04-accept\n";
    unsigned frame[2] = {4, 64};

    for (int fd = 1; fd < 3; fd++) {
        if (write(fd, grade, sizeof grade) < 0 || write(fd, frame, sizeof frame) < 0)
            return 1;
    }
    return 0;
}
