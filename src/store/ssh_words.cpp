#include "ssh_words.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <fmt/format.h>

namespace toolkit::store {
namespace {

std::string describe(const KeysTried& tried) {
  std::vector<std::string> parts;
  parts.reserve(tried.refused.size() + tried.encrypted.size() + tried.unreadable.size());
  for (const auto& key : tried.refused) {
    parts.push_back(key + " (refused)");
  }
  for (const auto& key : tried.encrypted) {
    parts.push_back(key + " (needs a passphrase)");
  }
  for (const auto& key : tried.unreadable) {
    parts.push_back(key);
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

Error unknown_host_key(const std::string& host, const std::string& fingerprint,
                       const std::string& known_hosts, const std::string& entry) {
  return {ErrorKind::denied, fmt::format("the host key of {} is not known ({})", host, fingerprint),
          fmt::format("if that is its fingerprint, use --accept-new-host-key, or add this line to "
                      "{}: {}",
                      known_hosts, printable(trim(entry))),
          0};
}

Error changed_host_key(const std::string& host, const std::string& fingerprint,
                       const std::string& known_hosts) {
  return {ErrorKind::denied,
          fmt::format("the host key of {} is not the one in {}: it is {} now, and somebody may be "
                      "in between",
                      host, known_hosts, fingerprint),
          fmt::format("ask who runs {} whether its key was changed; if it was, remove the old one: "
                      "ssh-keygen -R '{}' -f {}",
                      host, host, known_hosts),
          0};
}

std::string first_line(std::string_view words) {
  words = trim(words);
  return printable(words.substr(0, words.find_first_of("\r\n")));
}

std::string last_line(std::string_view words) {
  words = trim(words);
  const auto at = words.find_last_of("\r\n");
  return printable(at == std::string_view::npos ? words : words.substr(at + 1));
}

ErrorKind kind_of_ssh_words(std::string_view words) {
  for (const std::string_view denial : {"Permission denied (", "Host key verification failed",
                                        "Too many authentication failures"}) {
    if (words.find(denial) != std::string_view::npos) {
      return ErrorKind::denied;
    }
  }
  return ErrorKind::unavailable;
}

Error no_key_accepted(const std::string& peer, const KeysTried& tried, const std::string& methods) {
  const std::string what = describe(tried);
  std::string message = what.empty()
                            ? fmt::format("{} wants a key, and there is none", peer)
                            : fmt::format("{} accepts none of our keys: tried {}", peer, what);
  if (!methods.empty()) {
    message += fmt::format("; it takes {}", methods);
  }
  std::string remedy =
      "add the public key to authorized_keys of that account, or give its key "
      "with -e 'ssh -i FILE'";
  if (!tried.encrypted.empty()) {
    remedy = fmt::format("a key with a passphrase works through the agent only: {}ssh-add {}",
                         tried.has_agent ? "" : "eval $(ssh-agent); ", tried.encrypted.front());
  } else if (what.empty()) {
    remedy =
        "mount a private key to ~/.ssh/id_ed25519 (mode 0600), start an agent, or use -e 'ssh -i "
        "FILE'";
  }
  return {ErrorKind::denied, std::move(message), std::move(remedy), 0};
}

}  // namespace toolkit::store
