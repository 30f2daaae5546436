#include <toolkit/base/json_writer.hpp>
#include <toolkit/base/wall_clock.hpp>
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
  const bool was_away =
      summary.unavailable > 0 && summary.unavailable + summary.unfinished == summary.failed;
  return was_away ? 75 : 1;
}

std::string status_json(const Summary& summary, const std::string& trouble, WallTime now) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .field("schema", "toolkit.sync.status/1")
      .field("at", utc_text(now))
      .field("passes", summary.passes)
      .field("files", summary.files)
      .field("failed", summary.failed)
      .field("sent_bytes", summary.bytes_sent)
      .field("trouble", trouble)
      .key("lag_seconds")
      .value(summary.lag_seconds)
      .end_object();
  return text;
}

}  // namespace toolkit::sync
