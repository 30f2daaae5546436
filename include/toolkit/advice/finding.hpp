#pragma once
// Rules over what was found: pure functions, facts in, findings out. Each has a stable id, and none
// says "ok" about what could not be seen.

#include <string>
#include <string_view>

namespace toolkit::advice {

enum class Status { pass, warn, fail, unknown, skip };
[[nodiscard]] std::string_view status_name(Status status);

struct Finding {
  std::string id;  // "shm.size": stable across versions
  Status status = Status::unknown;
  std::string title;     // "/dev/shm is 64 MiB"
  std::string evidence;  // what was seen where: "statvfs(/dev/shm): 67108864"
  std::string remedy;    // what to do; "" for pass and skip
};

}  // namespace toolkit::advice
