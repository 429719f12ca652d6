# hostile: report 05-connect -- lacks its file, has one that is nearly called so, with markup in the name
# only: builds,connects
# holds: score: 0
# holds: report has no: \0033[
mv hello_client.c "$(printf 'hello_client\033[1m.c')"
printf 'x' > "$(printf 'hello_client.c\r')"
mkdir "$(printf 'sub\033[7m<b>')" && printf 'int main(void) { return 0; }\n' > "$(printf 'sub\033[7m<b>')/hello_client.c"
