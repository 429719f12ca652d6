/* hostile: report 04-accept -- what the peer gets and what is logged holds escape sequences, HTML and halves of characters
 * only: greets,peer-address,logs-at-once
 * holds: fails: greets peer-address
 * holds: report has no: \0033[
 * holds: report has no: \0342\0200\0256
 */
#define write(fd, bytes, count) write(fd, "\033[2J<b>\xe2\x80\xae\xc3\xff...", count)
#define printf(...) printf("\033]0;x\a\xe2\x80\xae<script>alert(1)</script>\xf0\x9f\n")
