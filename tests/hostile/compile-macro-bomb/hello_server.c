/* hostile: compiler 04-accept -- macros that grow exponentially: 16^9 characters
 * holds: score: 0
 * holds: fails: builds
 */
#define A(x) x x x x x x x x x x x x x x x x
#define B(x) A(A(x))
#define C(x) B(B(x))
#define D(x) C(C(x))
int main(void)
{
    A(D(1 +)) 1;
}
