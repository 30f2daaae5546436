// Sanitized builds only: their runtimes would take the core limit and the fault signals away from
// the child, and with that from the tests. $ASAN_OPTIONS and $TSAN_OPTIONS still win, as in
// ASAN_OPTIONS=handle_segv=1 for a trace of our own faults.

namespace {
constexpr char kTransparent[] =
    "disable_coredump=0:handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0";
}

// The runtimes' own names (sanitizer/asan_interface.h, gcc/libsanitizer/tsan/tsan_flags.cpp).
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" {
const char* __asan_default_options();
const char* __asan_default_options() { return kTransparent; }
const char* __tsan_default_options();
const char* __tsan_default_options() { return kTransparent; }
}
// NOLINTEND(bugprone-reserved-identifier)
