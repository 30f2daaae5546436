#pragma once
// What a rule says about the facts. Never `pass` for what could not be seen.

#include <string>
#include <string_view>
#include <vector>

namespace toolkit::diagnosis {

enum class Status { pass, warn, fail, skip, unknown };
[[nodiscard]] std::string_view status_name(Status status);

/// Who must act, and with that the exit code of a failure (CONTRACT: 10 to 15).
enum class Owner { none, user, image, runtime, node, hardware, hung };
[[nodiscard]] std::string_view owner_name(Owner owner);  // "driver hung" acts on the node
[[nodiscard]] int exit_code_of(Owner owner);

struct Finding {
  std::string id;  // "drv.mismatch": stable; filled in by the engine
  Status status = Status::unknown;
  Owner owner = Owner::none;
  std::string variant;  // which form of the id: "stale_proc", stable too; "" where there is one
  std::string scope;    // a GPU's PCI address, a port "mlx5_0/1"; "" for all of this container
  std::string cause;    // one line; for skip and unknown the reason
  std::string remedy;   // one line, what to do; "" for pass, skip, unknown
  std::vector<std::string> evidence;  // "ioctl 0xC04846D2 on /dev/nvidiactl: 550.90.07"
  std::string blocked_by;             // the id whose failure makes this one meaningless
  bool primary = false;
};

}  // namespace toolkit::diagnosis
