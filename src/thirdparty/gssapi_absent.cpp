// libssh.a of Debian is built with Kerberos, of which there is no archive: a static program has
// these instead. Each says that there is no such thing (RFC 2744, 3.9.1: GSS_S_UNAVAILABLE), so
// that libssh goes on with keys. Shared builds have the real ones.
#include <cstdint>

namespace {
constexpr std::uint32_t kUnavailable = 16U << 16;
}

// NOLINTBEGIN(readability-identifier-naming): the library's names
extern "C" {
const void* GSS_C_NT_HOSTBASED_SERVICE = nullptr;
const void* GSS_C_NT_USER_NAME = nullptr;

// Called with more arguments than are named here, none of which is looked at: on both architectures
// the caller clears them away.
#define ABSENT(name) \
  std::uint32_t name() { return kUnavailable; }
ABSENT(gss_accept_sec_context)
ABSENT(gss_acquire_cred)
ABSENT(gss_add_oid_set_member)
ABSENT(gss_create_empty_oid_set)
ABSENT(gss_delete_sec_context)  // libssh 0.11, as gss_release_oid
ABSENT(gss_display_name)
ABSENT(gss_display_status)
ABSENT(gss_get_mic)
ABSENT(gss_import_name)
ABSENT(gss_indicate_mechs)
ABSENT(gss_init_sec_context)
ABSENT(gss_inquire_cred)
ABSENT(gss_inquire_cred_by_mech)
ABSENT(gss_release_buffer)
ABSENT(gss_release_cred)
ABSENT(gss_release_name)
ABSENT(gss_release_oid)
ABSENT(gss_release_oid_set)
ABSENT(gss_test_oid_set_member)
ABSENT(gss_verify_mic)
}
// NOLINTEND(readability-identifier-naming)
