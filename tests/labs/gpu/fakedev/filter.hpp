#pragma once
// The seccomp filter that hands a program's looks at files to us, and its listener.

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fakedev {

constexpr std::uint32_t kVersionQuestion = 0xC04846D2;  // _IOWR('F', 210, 72 bytes)

inline std::vector<int> watched_calls() {
  std::vector<int> calls{SYS_openat,    SYS_newfstatat, SYS_statx,
                         SYS_faccessat, SYS_faccessat2, SYS_readlinkat};
#ifdef SYS_open
  calls.insert(calls.end(), {SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink});
#endif
  return calls;
}

/// For this process and all that come of it; -1 with errno where the kernel has no such thing.
inline int install_filter() {
#if defined(__aarch64__)
  constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
  constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#endif
  std::vector<sock_filter> code;
  const auto load = [&](std::size_t at) {
    code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at)));
  };
  const auto answer_if = [&](std::uint32_t value, std::uint32_t answer) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, answer));
  };
  load(offsetof(seccomp_data, arch));
  code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  load(offsetof(seccomp_data, nr));
  for (const int call : watched_calls()) {
    answer_if(static_cast<std::uint32_t>(call), SECCOMP_RET_USER_NOTIF);
  }
  code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 1, 0));
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  load(offsetof(seccomp_data, args[1]));
  answer_if(kVersionQuestion, SECCOMP_RET_USER_NOTIF);
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return static_cast<int>(
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

}  // namespace fakedev
