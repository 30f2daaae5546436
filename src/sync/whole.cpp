#include "whole.hpp"

#include "compare.hpp"
#include "counted_flow.hpp"
#include "steady.hpp"

#include <fmt/core.h>

namespace toolkit::sync {
namespace {

// A whole file is known again by its size and time, where the store keeps them.
void remember_whole(Session& session, const Task& task, store::Content& content,
                    const store::Entry& now) {
  if (session.places.destination->capabilities().times) {
    session.ledger.forget(task.destination);
  } else {
    session.ledger.sent(task.destination, content, now);
  }
}

}  // namespace

store::Target target_of(const Task& task, const store::Entry& now) {
  return {task.destination, now.size, now.mtime, now.mode & 07777, task.growing};
}

// The listing of a store without times does not tell what the uploader noted with the file.
Result<std::string> why_unchanged(Session& session, Task& task, store::Content& content,
                                  const store::Entry& now) {
  store::Store& destination = *session.places.destination;
  if (destination.capabilities().times || session.options.transfer.checksum || !task.there ||
      task.there->size != now.size) {
    return "";
  }
  TRY_ASSIGN(const bool proven, destination.proves(*task.there, content));
  if (proven) {
    return "the same bytes";
  }
  if (!task.look_first) {
    TRY_ASSIGN(task.there, destination.stat(task.destination));
  }
  return task.there && looks_unchanged(now, *task.there) ? "same size and time" : "";
}

Result<FileEvent> send_whole(Session& session, const Task& task, store::Content& content,
                             store::Entry now) {
  const Action action = task.there ? Action::replaced : Action::created;
  FileEvent event{action, task.destination, now.size, task.there ? "is another one" : "not there"};
  if (session.options.transfer.dry_run) {
    return event;
  }
  constexpr int kTries = 3;
  for (int number = 1;; ++number) {
    if (is_fresh(content, now)) {
      TRY_ASSIGN(now, settled(content, session.halt));
    }
    using Growth = SteadyContent::Growth;
    SteadyContent steady(content, now, number == 1 ? Growth::change : Growth::harmless);
    CountedFlow flow(session);
    std::string memo = session.ledger.memo(task.destination, now);
    const auto sent = session.places.destination->put(target_of(task, now), steady, flow, memo);
    if (sent) {
      event.bytes = now.size;
      remember_whole(session, task, content, now);
      return event;
    }
    session.ledger.cut_off(task.destination, now, memo);
    if (sent.error().kind != ErrorKind::conflict) {
      return Failure(sent.error());
    }
    const store::Entry before = now;
    TRY_ASSIGN(now, content.stat());
    if (is_same_state(before, now)) {
      return Failure(sent.error());
    }
    if (number == kTries) {
      return fail(ErrorKind::failed,
                  fmt::format("cannot copy {}: it is being rewritten all the time",
                              task.source->name_of(task.open_by)),
                  "have it written beside and renamed, or name it with --growing");
    }
  }
}

}  // namespace toolkit::sync
