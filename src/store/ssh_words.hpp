#pragma once
// What can go wrong between two ssh's, in words with a remedy. No libssh in here.

#include <toolkit/base/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::store {

/// `entry` is the line that known_hosts lacks, `fingerprint` "SHA256:…".
[[nodiscard]] Error unknown_host_key(const std::string& host, const std::string& fingerprint,
                                     const std::string& known_hosts, const std::string& entry);
[[nodiscard]] Error changed_host_key(const std::string& host, const std::string& fingerprint,
                                     const std::string& known_hosts);

/// Of what a program wrote, the first line, printable.
[[nodiscard]] std::string first_line(std::string_view words);

/// The last line that says something.
[[nodiscard]] std::string last_line(std::string_view words);
/// What an ssh client that ended meant: denied for keys and host keys, else unavailable.
[[nodiscard]] ErrorKind kind_of_ssh_words(std::string_view words);

/// What became of one key: "/root/.ssh/id_rsa needs a passphrase".
struct KeysTried {
  std::vector<std::string> refused;     // by the server: files, "the agent's keys"
  std::vector<std::string> encrypted;   // files that need a passphrase
  std::vector<std::string> unreadable;  // files, with why
  bool has_agent = false;
};
[[nodiscard]] Error no_key_accepted(const std::string& peer, const KeysTried& tried,
                                    const std::string& methods);

}  // namespace toolkit::store
