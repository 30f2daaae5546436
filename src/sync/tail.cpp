#include "tail.hpp"

#include "counted_flow.hpp"
#include "fingerprint.hpp"
#include "whole.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::sync {
namespace {

// copytruncate while we read: what went out may be of two files, and what is there now proves
// nothing. Another look finds out.
Result<void> check_still_itself(const Task& task, store::Content& content, const store::Entry& now,
                                const std::optional<Window>& head) {
  TRY_ASSIGN(const store::Entry after, content.stat());
  TRY_ASSIGN(const bool same, head ? has_head(content, *head) : Result<bool>(false));
  if (same && after.size >= now.size) {
    return {};
  }
  return fail(ErrorKind::conflict, fmt::format("cannot copy {}: it was truncated while it was read",
                                               task.source->name_of(task.open_by)));
}

}  // namespace

Result<FileEvent> append_tail(Session& session, Task& task, store::Content& content,
                              const store::Entry& now, std::uint64_t offset, FileEvent event) {
  task.grew_from = std::min(task.grew_from.value_or(offset), offset);
  event.bytes = now.size - *task.grew_from;
  if (session.options.transfer.dry_run) {
    return event;
  }
  TRY_ASSIGN(const auto head, head_of(content, now.size));
  CountedFlow flow(session);
  std::string memo = session.ledger.memo(task.destination, now);
  const auto sent =
      session.places.destination->append(target_of(task, now), offset, content, flow, memo);
  if (!sent) {
    session.ledger.cut_off(task.destination, now, memo);
    return Failure(sent.error());
  }
  if (auto itself = check_still_itself(task, content, now, head); !itself) {
    session.ledger.forget(task.destination);
    return Failure(std::move(itself).error());
  }
  session.ledger.sent(task.destination, content, now, memo);
  return event;
}

}  // namespace toolkit::sync
