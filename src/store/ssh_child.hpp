#pragma once
// A child process that carries a connection: -e/--rsh, or the ProxyCommand of the ssh
// configuration.

#include <toolkit/base/result.hpp>
#include <toolkit/base/unique_fd.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

namespace toolkit::store {

class SshChild {
 public:
  /// Its stdin and stdout are one socket, and its stderr a pipe, both of them ours without
  /// blocking. It has a process group of its own, so that a Ctrl-C leaves it to us.
  [[nodiscard]] static Result<SshChild> start(const std::vector<std::string>& argv,
                                              const std::string& search_path);
  SshChild(SshChild&& other) noexcept;
  SshChild& operator=(SshChild&&) = delete;
  ~SshChild();  // closes, kills what is still there, and waits for it

  UniqueFd socket, errors;

 private:
  SshChild() = default;
  pid_t pid_ = 0;
};

/// The words of -e as rsync(1) splits them: at spaces, with '…' and "…" around words that have
/// some. Errors: usage, for a quote without an end and for no words at all.
[[nodiscard]] Result<std::vector<std::string>> split_command(const std::string& command);

}  // namespace toolkit::store
