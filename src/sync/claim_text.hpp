#pragma once
// What is written in a claim, and whether the process that wrote it is still there.

#include <cstdint>
#include <optional>
#include <string>

namespace toolkit::sync {

struct ClaimText {
  std::string token;  // of one claim, at random
  std::string host;
  std::int64_t pid = 0;
  std::uint64_t start_ticks = 0;  // with the boot the identity of the process; 0: not known
  std::string boot_id;
  std::string pid_namespace;  // "pid:[4026531836]": in another one a PID means another process
  std::string since;          // UTC, for people
  std::uint64_t renewals = 0;
};

/// Of this process, without a token.
[[nodiscard]] ClaimText own_claim_text();
[[nodiscard]] std::string to_json(const ClaimText& claim);
/// Nothing for what is none.
[[nodiscard]] std::optional<ClaimText> parse_claim(const std::string& text);

/// Whether the process has ended for sure: one that cannot be seen from here may be running.
[[nodiscard]] bool is_gone(const ClaimText& claim, const ClaimText& own);

}  // namespace toolkit::sync
