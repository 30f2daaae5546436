#include <toolkit/sync/summary.hpp>

namespace toolkit::sync {

std::string_view action_name(Action action) {
  switch (action) {
    case Action::unchanged:
      return "unchanged";
    case Action::created:
      return "created";
    case Action::appended:
      return "appended";
    case Action::replaced:
      return "replaced";
    case Action::renamed:
      return "renamed";
    case Action::kept:
      return "kept";
    case Action::left_out:
      return "left_out";
    case Action::failed:
      return "failed";
  }
  return "failed";
}

int exit_code_of(const Summary& summary) {
  if (summary.failed == 0) {
    return 0;
  }
  return summary.unavailable == summary.failed ? 75 : 1;
}

}  // namespace toolkit::sync
