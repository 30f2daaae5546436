#pragma once
// One system call of the program under test that waits for our answer.

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>

namespace fakedev {

class Call {
 public:
  Call(int listener, const seccomp_notif& call) : listener_(listener), call_(call) {}

  [[nodiscard]] int number() const { return call_.data.nr; }
  [[nodiscard]] std::uint64_t argument(int i) const { return call_.data.args[i]; }
  [[nodiscard]] pid_t pid() const { return static_cast<pid_t>(call_.pid); }

  /// Its text up to the NUL, by pages: behind the last one there may be nothing.
  [[nodiscard]] std::string text(std::uint64_t address) const {
    constexpr std::uint64_t kPage = 4096;
    std::string text;
    while (text.size() < kPage) {
      char part[kPage];
      const std::size_t size = kPage - address % kPage;
      iovec here{part, size}, there{reinterpret_cast<void*>(address), size};
      const ssize_t count = ::process_vm_readv(pid(), &here, 1, &there, 1, 0);
      if (count <= 0) {
        return "";
      }
      const std::string_view got(part, static_cast<std::size_t>(count));
      text += got.substr(0, got.find('\0'));
      if (got.find('\0') != got.npos) {
        break;
      }
      address += got.size();
    }
    return text;
  }

  bool write(std::uint64_t address, const void* bytes, std::size_t size) const {
    iovec here{const_cast<void*>(bytes), size}, there{reinterpret_cast<void*>(address), size};
    return ::process_vm_writev(pid(), &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
  }

  void go_on() const { send(0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE); }
  void fail(int error) const { send(0, -error, 0); }
  void succeed(std::int64_t value) const { send(value, 0, 0); }
  /// The descriptor becomes one of theirs, which the call returns.
  void give(int fd, bool close_on_exec) const {
    seccomp_notif_addfd added{};
    added.id = call_.id;
    added.srcfd = static_cast<std::uint32_t>(fd);
    added.newfd_flags = close_on_exec ? O_CLOEXEC : 0;
    const int theirs = ::ioctl(listener_, SECCOMP_IOCTL_NOTIF_ADDFD, &added);
    theirs >= 0 ? succeed(theirs) : fail(errno);
  }

 private:
  void send(std::int64_t value, int error, std::uint32_t flags) const {
    seccomp_notif_resp answer{};
    answer.id = call_.id;
    answer.val = value;
    answer.error = error;
    answer.flags = flags;
    (void)::ioctl(listener_, SECCOMP_IOCTL_NOTIF_SEND, &answer);  // it may have been killed
  }

  int listener_;
  const seccomp_notif& call_;
};

}  // namespace fakedev
