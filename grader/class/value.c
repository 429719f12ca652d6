/**
 * @file value.c
 * Numbers, lengths of time, times.
 */
#include "class/value.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR, DAYS_MOST = 3650 };

static int refuse(char **message, const char *format, ...) __attribute__((format(printf, 2, 3)));

static int refuse(char **message, const char *format, ...)
{
    va_list args;
    struct buf words = {0}, plain = {0};
    va_start(args, format);
    buf_vprintf(&words, format, args);
    va_end(args);
    buf_plain(&plain, buf_text(&words), words.length);
    buf_free(&words);
    *message = buf_take(&plain);
    return -EINVAL;
}

/* --- numbers ---------------------------------------------------------------------------------------------- */

/** Reads decimal digits up to @p most; false where there are none or too many. */
static bool read_number(const char **text, int most, int *out)
{
    const char *at = *text;
    int64_t value = 0;
    for (; *at >= '0' && *at <= '9' && value <= most; at++)
        value = 10 * value + (*at - '0');
    if (at == *text || value > most)
        return false;
    *text = at;
    *out = (int)value;
    return true;
}

int value_number(const char *text, int least, int most, int *out, char **message)
{
    const char *at = text;
    int value;
    if (!read_number(&at, most, &value) || *at || value < least)
        return refuse(message, _("a number from %d to %d is wanted, not '%s'"), least, most, text);
    *out = value;
    return 0;
}

int value_percent(const char *text, int *out, char **message)
{
    const char *at = text;
    int value;
    bool number = read_number(&at, 100, &value);
    at += strspn(at, " ");
    at += *at == '%';
    if (!number || *at)
        return refuse(message, _("a number of percent from 0 to 100 is wanted, not '%s'"), text);
    *out = value;
    return 0;
}

int value_length(const char *text, int64_t *seconds, char **message)
{
    static const struct {
        const char *word;
        int seconds;
    } unit[] = {{"", DAY},       {"day", DAY},       {"days", DAY},          {"hour", HOUR},
                {"hours", HOUR}, {"minute", MINUTE}, {"minutes", MINUTE}};
    const char *at = text;
    int value;
    if (read_number(&at, DAYS_MOST, &value)) {
        at += strspn(at, " ");
        for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
            if (strcmp(at, unit[i].word) != 0)
                continue;
            *seconds = (int64_t)value * unit[i].seconds;
            return 0;
        }
    }
    return refuse(message, _("a length of time is wanted, like 2 days, 12 hours, 30 minutes, not '%s'"), text);
}

/* --- time zones ---------------------------------------------------------------------------------------------- */

/** Takes the place of TZ while a time is computed; glibc has no other way to ask for a zone (tzset(3)). */
static char *enter_zone(const char *zone)
{
    const char *old = getenv("TZ");
    char *kept = old ? xstrdup(old) : NULL;
    char *value = xasprintf(":%s", zone);
    setenv("TZ", value, 1);
    tzset();
    free(value);
    return kept;
}

static void leave_zone(char *kept)
{
    if (kept)
        setenv("TZ", kept, 1);
    else
        unsetenv("TZ");
    tzset();
    free(kept);
}

static bool is_zone_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return *name && *name != '/' && strlen(name) < 100 && name[strspn(name, letters)] == '\0';
}

/* glibc takes an unknown zone for UTC without a word, so its file is looked for. */
int value_zone(const char *name, char **message)
{
    if (strcmp(name, "UTC") == 0)
        return 0;
    const char *folder = getenv("TZDIR");
    char *path = xasprintf("%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name);
    FILE *file = is_zone_name(name) ? fopen(path, "re") : NULL;
    char magic[4] = {0};
    bool known = file && fread(magic, 1, sizeof(magic), file) == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
    if (file)
        fclose(file);
    free(path);
    if (known)
        return 0;
    return refuse(message, _("this machine knows no time zone '%s'; they have names like Asia/Seoul or Europe/Berlin"),
                  name);
}

/* --- times --------------------------------------------------------------------------------------------------- */

/** A time as it is written. */
struct written {
    struct tm tm;
    bool day_only, seconds_said;
    bool offset_said;
    int offset; /* seconds east of Greenwich */
};

/** Exactly @p digits digits. */
static bool read_digits(const char **text, int digits, int *out)
{
    *out = 0;
    for (int i = 0; i < digits; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *out = 10 * *out + (**text - '0');
    }
    return true;
}

static bool read_sign(const char **text, char sign)
{
    if (**text != sign)
        return false;
    (*text)++;
    return true;
}

static bool read_day(const char **text, struct tm *tm)
{
    int year, month;
    if (!read_digits(text, 4, &year) || !read_sign(text, '-') || !read_digits(text, 2, &month) ||
        !read_sign(text, '-') || !read_digits(text, 2, &tm->tm_mday))
        return false;
    tm->tm_year = year - 1900;
    tm->tm_mon = month - 1;
    struct tm same = *tm;
    return year >= 2000 && timegm(&same) != -1 && same.tm_mday == tm->tm_mday && same.tm_mon == tm->tm_mon;
}

static bool read_clock(const char **text, struct written *w)
{
    struct tm *tm = &w->tm;
    if (!read_digits(text, 2, &tm->tm_hour) || !read_sign(text, ':') || !read_digits(text, 2, &tm->tm_min))
        return false;
    w->seconds_said = read_sign(text, ':');
    if (w->seconds_said && !read_digits(text, 2, &tm->tm_sec))
        return false;
    bool midnight = tm->tm_hour == 24 && tm->tm_min == 0 && tm->tm_sec == 0; /* the end of a day */
    return midnight || (tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 60);
}

static bool read_offset(const char **text, struct written *w)
{
    int sign = **text == '-' ? -1 : 1, hours, minutes;
    w->offset_said = true;
    if (read_sign(text, 'Z'))
        return true;
    if (!read_sign(text, '+') && !read_sign(text, '-'))
        return false;
    if (!read_digits(text, 2, &hours))
        return false;
    read_sign(text, ':');
    if (!read_digits(text, 2, &minutes) || hours > 14 || minutes > 59)
        return false;
    w->offset = sign * (hours * HOUR + minutes * MINUTE);
    return true;
}

static bool read_time(const char *text, struct written *w)
{
    if (!read_day(&text, &w->tm))
        return false;
    w->day_only = *text == '\0';
    if (w->day_only) {
        w->tm.tm_hour = 23;
        w->tm.tm_min = 59;
        return true;
    }
    if (!read_sign(&text, ' ') && !read_sign(&text, 'T'))
        return false;
    if (!read_clock(&text, w))
        return false;
    read_sign(&text, ' ');
    return *text == '\0' || (read_offset(&text, w) && *text == '\0');
}

/** In the zone that is entered: the later of the seconds that its clocks show so; -1: they jump over it. */
static int64_t find_second(const struct tm *tm)
{
    struct tm day = *tm;
    timegm(&day); /* 24:00 as the next day's 0:00 */
    int64_t found = -1;
    for (int summer = 0; summer <= 1; summer++) {
        struct tm wanted = day;
        wanted.tm_isdst = summer;
        time_t second = mktime(&wanted);
        struct tm shown;
        if (second != -1 && localtime_r(&second, &shown) && shown.tm_mday == day.tm_mday &&
            shown.tm_hour == day.tm_hour && shown.tm_min == day.tm_min && second > found)
            found = second;
    }
    return found;
}

static char *show_in_zone(int64_t second)
{
    char text[64];
    struct tm shown;
    localtime_r(&(time_t){second}, &shown);
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M %Z", &shown);
    return xstrdup(text);
}

static char *show_with_offset(const struct written *w)
{
    int minutes = abs(w->offset) / MINUTE;
    struct tm day = w->tm;
    timegm(&day);
    char text[32];
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &day);
    if (minutes == 0)
        return xasprintf("%s UTC", text);
    return xasprintf("%s %c%02d:%02d", text, w->offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

int value_time(const char *text, const char *zone, int64_t *last, char **words, char **message)
{
    struct written w = {0};
    if (!read_time(text, &w))
        return refuse(message, _("a time is wanted, like 2025-03-14 23:59, not '%s'"), text);
    if (!w.offset_said && !zone)
        return refuse(message, _("'%s' is in no time zone: write time_zone: at the top of the file, or +09:00 behind it"),
                      text);
    int64_t second;
    char *shown;
    if (w.offset_said) {
        struct tm tm = w.tm;
        second = timegm(&tm) - w.offset;
        shown = show_with_offset(&w);
    } else {
        char *kept = enter_zone(zone);
        second = find_second(&w.tm);
        shown = show_in_zone(second);
        leave_zone(kept);
    }
    if (second < 0) {
        free(shown);
        return refuse(message, _("'%s' does not exist in %s: clocks go forward over it"), text, zone);
    }
    *last = w.seconds_said ? second : second + MINUTE - 1;
    if (words)
        *words = shown;
    else
        free(shown);
    return 0;
}
