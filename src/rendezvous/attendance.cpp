#include <toolkit/rendezvous/attendance.hpp>

#include <fmt/core.h>

namespace toolkit::rendezvous {

std::string describe(const Attendance& attendance) {
  return attendance.workers > 0 ? fmt::format("{}/{} joined", attendance.joined, attendance.workers)
                                : fmt::format("{} joined", attendance.joined);
}

}  // namespace toolkit::rendezvous
