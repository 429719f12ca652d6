# sandbox.sh: for tests that need what some machines deny: namespaces, or a full sandbox.

# denied TITLE WHY: such a test cannot be made here. That is a failure, unless the user has said that it is none.
denied() {
    if [ "${SOCKLAB_TEST_WITHOUT_SANDBOX:-}" = yes ]; then
        echo "ok - $1 # skip $2"
        return
    fi
    echo "not ok - $1"
    echo "#   $2. SOCKLAB_TEST_WITHOUT_SANDBOX=yes leaves out what needs it."
    failed=$((failed + 1))
}
