// OpenSSL asks the processor what it can do before main, by some twenty CPUID instructions, each of
// which a virtual machine hands to its host: 40 µs of every start, for programs that mostly never
// speak TLS (measured with OpenSSL 3.0.19). The release is linked with --wrap, so that the first
// real use asks instead: OPENSSL_init_crypto(3) calls the same function.
namespace {
bool main_has_begun = false;
}

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names, ld(1)
void __real_OPENSSL_cpuid_setup();
void __wrap_OPENSSL_cpuid_setup() {
  if (main_has_begun) {
    __real_OPENSSL_cpuid_setup();
  }
}
// NOLINTEND(bugprone-reserved-identifier)
}

void let_openssl_look() { main_has_begun = true; }
