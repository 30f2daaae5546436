#include <toolkit/probe/probe.hpp>

#include <array>

namespace toolkit::probe {

std::string_view reason_name(Reason reason) {
  constexpr std::array<std::string_view, 15> kNames{
      "none",     "absent", "not_yet", "refused", "unreachable", "timed_out", "name",   "tls",
      "protocol", "status", "auth",    "busy",    "over",        "lost",      "unknown"};
  return kNames[static_cast<std::size_t>(reason)];
}

bool denies(const Finding& finding) {
  const bool unseen = finding.reason == Reason::unknown || finding.reason == Reason::timed_out ||
                      finding.reason == Reason::lost ||
                      (finding.reason == Reason::absent && finding.final);
  return !finding.met && !unseen;
}

}  // namespace toolkit::probe
