#pragma once
// A session of libssh that never blocks, from the key exchange to the proof of both sides.

#include <toolkit/store/open_store.hpp>

#include <functional>

struct ssh_session_struct;  // libssh's

namespace toolkit::store {

struct SshTalk {
  const Settings settings;
  ssh_session_struct* session = nullptr;
  std::string host, peer;  // "gpu1", "me@gpu1"

  /// Calls `step` until it no longer answers `again`. Errors: unavailable, interrupted.
  [[nodiscard]] Result<int> finish(int again, const std::function<int()>& step) const;
  /// What to poll its socket for.
  [[nodiscard]] short events() const;
  /// "the connection to me@gpu1 is lost: …"
  [[nodiscard]] Failure lost() const;
  /// An ssh_options_e; empty for none.
  [[nodiscard]] std::string option(int which) const;
};

/// The server's key against known_hosts. Errors: denied.
[[nodiscard]] Result<void> judge_host_key(const SshTalk& talk);
/// Our keys, until one is accepted. Errors: denied, naming what was tried, and the connection's.
[[nodiscard]] Result<void> authenticate(const SshTalk& talk);

}  // namespace toolkit::store
