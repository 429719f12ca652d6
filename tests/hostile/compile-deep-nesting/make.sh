# hostile: compiler 04-accept -- parentheses, braces and pointers as deep as a megabyte allows
# holds: score: 0
# holds: fails: builds
awk 'BEGIN {
    printf "int main(void)\n{\n    return "
    for (i = 0; i < 200000; i++) printf "("
    printf "0"
    for (i = 0; i < 200000; i++) printf ")"
    print ";\n}"
    for (i = 0; i < 100000; i++) printf "void f(int "
    print ""
}' > hello_server.c
