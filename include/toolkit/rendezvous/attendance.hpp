#pragma once
// How many have come to a rendezvous, of how many.

#include <cstdint>
#include <string>

namespace toolkit::rendezvous {

struct Attendance {
  std::int64_t joined = 0;   // the value of `init/`; more than `workers` when somebody came late
  std::int64_t workers = 0;  // N; 0 when nobody has said
  [[nodiscard]] bool complete() const { return workers > 0 && joined >= workers; }
  friend bool operator==(const Attendance&, const Attendance&) = default;
};

/// "3/5 joined", or "3 joined" without an N.
[[nodiscard]] std::string describe(const Attendance& attendance);

}  // namespace toolkit::rendezvous
