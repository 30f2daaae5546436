// libssh makes ready for work before main, for programs that mostly never speak SSH: big numbers of
// Diffie-Hellman groups, and with them much of OpenSSL, 10 page faults of every start (libssh
// 0.10.6, init.c). The release is linked with --wrap, so that its constructor finds nothing to do
// and the first connection does it instead.
namespace {
bool may_begin = false;
}

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names, ld(1)
int __real_ssh_crypto_init();
int __real_ssh_dh_init();
int __wrap_ssh_crypto_init() { return may_begin ? __real_ssh_crypto_init() : 0; }
int __wrap_ssh_dh_init() { return may_begin ? __real_ssh_dh_init() : 0; }
// NOLINTEND(bugprone-reserved-identifier)
}

// In the order of init.c; once, by whoever connects first.
int let_libssh_begin() {
  may_begin = true;
  const int ready = __real_ssh_crypto_init();
  return ready != 0 ? ready : __real_ssh_dh_init();
}
