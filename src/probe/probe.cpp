#include <toolkit/probe/probe.hpp>

#include <array>

namespace toolkit::probe {

std::string_view reason_name(Reason reason) {
  constexpr std::array<std::string_view, 15> kNames{
      "none",     "absent", "not_yet", "refused", "unreachable", "timed_out", "name",   "tls",
      "protocol", "status", "auth",    "busy",    "over",        "lost",      "unknown"};
  return kNames[static_cast<std::size_t>(reason)];
}

}  // namespace toolkit::probe
