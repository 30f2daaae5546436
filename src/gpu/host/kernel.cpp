#include "parts.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace toolkit::gpu {

int try_mempolicy() {
  int mode = 0;
  return ::syscall(SYS_get_mempolicy, &mode, nullptr, 0UL, nullptr, 0UL) == 0 ? 0 : errno;
}

// One record a read, Documentation/ABI/testing/dev-kmsg. A tree may have a plain file there.
std::optional<std::string> read_kernel_log(const std::string& root) {
  constexpr int kMostRecords = 20'000;
  const auto fd = try_open(root + "/dev/kmsg", O_RDONLY | O_NONBLOCK);
  if (!fd) {
    return std::nullopt;
  }
  std::string found;
  char record[8192];
  for (int i = 0; i < kMostRecords; ++i) {
    const ssize_t size = ::read(fd->get(), record, sizeof record);
    if (size < 0 && (errno == EPIPE || errno == EINTR)) {
      continue;  // overwritten while we read
    }
    if (size <= 0) {
      const bool denied = size < 0 && errno == EPERM && found.empty();
      return denied ? std::nullopt : std::optional(std::move(found));
    }
    const std::string_view text(record, static_cast<std::size_t>(size));
    if (text.find("NVRM") != std::string_view::npos) {
      found += text;
      found += text.ends_with('\n') ? "" : "\n";
    }
  }
  return found;
}

}  // namespace toolkit::gpu
