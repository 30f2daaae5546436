#include "transfer.hpp"

#include "compare.hpp"
#include "counted_flow.hpp"
#include "fingerprint.hpp"
#include "growth.hpp"
#include "ownership.hpp"
#include "proof.hpp"
#include "retry.hpp"

#include <fmt/core.h>

#include <algorithm>

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

Result<FileEvent> send_whole(Session& session, const Task& task, store::Content& content,
                             store::Entry now) {
  const Action action = task.there ? Action::replaced : Action::created;
  FileEvent event{action, task.destination, now.size, task.there ? "is another one" : "not there"};
  if (session.options.transfer.dry_run) {
    return event;
  }
  constexpr int kTries = 3;
  for (int number = 1;; ++number) {
    CountedFlow flow(session);
    std::string memo = session.ledger.memo(task.destination, now);
    const auto sent = session.places.destination->put(target_of(task, now), content, flow, memo);
    if (!sent) {
      session.ledger.cut_off(task.destination, now, memo);
      return Failure(sent.error());
    }
    remember_whole(session, task, content, now);
    TRY_ASSIGN(const auto after, content.stat());
    if (!is_torn(now, after)) {
      return event;
    }
    if (number == kTries) {
      return fail(ErrorKind::failed,
                  fmt::format("cannot copy {}: it is being rewritten all the time",
                              task.source->name_of(task.open_by)),
                  "have it written beside and renamed, or name it with --growing");
    }
    now = after;
  }
}

Result<void> put_old_aside(Session& session, const Task& task, const std::string& why) {
  store::Store& destination = *session.places.destination;
  if (session.options.transfer.on_rewrite == OnRewrite::fail) {
    return fail(ErrorKind::failed,
                fmt::format("{} is not the beginning of its source: {}",
                            destination.name_of(task.destination), why),
                "--on-rewrite keep puts it aside, replace overwrites it");
  }
  TRY_ASSIGN(const std::string name, name_for_old(destination, task.destination));
  if (!session.options.transfer.dry_run) {
    TRY(destination.rename(task.destination, name));
    session.ledger.forget(task.destination);
  }
  session.tally.file({Action::kept, name, 0, fmt::format("{} {}", task.destination, why)});
  return {};
}

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

Result<FileEvent> grow(Session& session, Task& task, store::Content& content,
                       const store::Entry& now) {
  TRY_ASSIGN(const Growth growth, judge_growth(session, task, content, now));
  switch (growth.kind) {
    case Growth::Kind::equal:
      if (!session.options.transfer.dry_run) {
        if (session.places.destination->capabilities().times &&
            !same_time(task.there->mtime, now.mtime)) {
          TRY(session.places.destination->set_time(task.destination, now.mtime));
        }
        session.ledger.sent(task.destination, content, now);
      }
      return FileEvent{Action::unchanged, task.destination, 0, growth.why};
    case Growth::Kind::tail:
      return append_tail(
          session, task, content, now, growth.offset,
          {task.there ? Action::appended : Action::created, task.destination, 0, growth.why});
    case Growth::Kind::rewritten:
      break;
  }
  if (session.options.transfer.on_rewrite == OnRewrite::replace) {
    return send_whole(session, task, content, now);
  }
  TRY(put_old_aside(session, task, growth.why));
  return append_tail(session, task, content, now, 0,
                     {Action::created, task.destination, 0, "a new generation"});
}

// Nothing where what lies there is not its beginning: then that is not what we have sent of it.
Result<void> append_rest(Session& session, Held::File& file) {
  Task& task = file.task;
  TRY(may_write(session));
  TRY_ASSIGN(task.there, session.places.destination->stat(task.destination));
  TRY_ASSIGN(const store::Entry now, file.content->stat());
  if (!task.there || task.there->kind != store::Kind::file || now.size <= task.there->size) {
    return {};
  }
  TRY_ASSIGN(const Growth growth, judge_growth(session, task, *file.content, now));
  if (growth.kind == Growth::Kind::tail) {
    TRY_ASSIGN(const FileEvent event,
               append_tail(session, task, *file.content, now, growth.offset,
                           {Action::appended, task.destination, 0, "its end, under another name"}));
    session.tally.file(event);
  }
  return {};
}

// Of a file that is followed: the end of the one that had the name before comes first.
Result<FileEvent> grow_and_hold(Session& session, Task& task,
                                std::unique_ptr<store::Content> content, const store::Entry& now) {
  if (!session.options.follow.follow) {
    return grow(session, task, *content, now);
  }
  if (auto old = session.held.take_other(task.destination, now.identity)) {
    if (auto rest = append_rest(session, *old); !rest) {
      session.held.keep(std::move(*old));
      return Failure(std::move(rest).error());
    }
    TRY_ASSIGN(task.there, session.places.destination->stat(task.destination));
  }
  TRY_ASSIGN(FileEvent event, grow(session, task, *content, now));
  if (content->descriptor() >= 0) {
    session.held.keep({task, std::move(content)});
  }
  return event;
}

// The listing of a store without times does not tell what the uploader noted with the file.
Result<bool> is_noted_there(Session& session, Task& task, const store::Entry& now) {
  store::Store& destination = *session.places.destination;
  if (destination.capabilities().times || session.options.transfer.checksum || !task.there ||
      task.there->size != now.size) {
    return false;
  }
  if (!task.look_first) {
    TRY_ASSIGN(task.there, destination.stat(task.destination));
  }
  return looks_unchanged(now, task.there);
}

// Another file has the name since the walk: it was rotated, and the next look sees where it went.
bool has_moved(const Session& session, const Task& task, const store::Entry& now) {
  return task.growing && !session.take_moved && task.entry.identity != now.identity;
}

// Nothing: the next look is to see to it.
Result<std::optional<FileEvent>> attempt(Session& session, Task& task) {
  TRY(may_write(session));
  if (task.look_first) {
    TRY_ASSIGN(task.there, session.places.destination->stat(task.destination));
  }
  if (task.there && task.there->kind != store::Kind::file) {
    return fail(
        ErrorKind::failed,
        fmt::format("cannot write {}: {} of that name is there",
                    session.places.destination->name_of(task.destination),
                    task.there->kind == store::Kind::directory ? "a directory" : "something else"),
        "remove it, or choose another DEST");
  }
  TRY_ASSIGN(auto content, task.source->open(task.open_by, false));
  TRY_ASSIGN(const store::Entry now, content->stat());
  if (has_moved(session, task, now)) {
    return std::nullopt;
  }
  if (task.growing) {
    return grow_and_hold(session, task, std::move(content), now);
  }
  TRY_ASSIGN(const bool noted, is_noted_there(session, task, now));
  if (noted) {
    if (!session.options.transfer.dry_run) {
      session.ledger.sent(task.destination, *content, now);
    }
    return FileEvent{Action::unchanged, task.destination, 0, "same size and time"};
  }
  if (session.options.transfer.checksum && task.there && task.there->size == now.size) {
    TRY_ASSIGN(const auto there, session.places.destination->open(task.destination, false));
    TRY_ASSIGN(const bool same, same_bytes(*content, *there, 0, now.size));
    if (same) {
      return FileEvent{Action::unchanged, task.destination, 0, "the same bytes"};
    }
  }
  return send_whole(session, task, *content, now);
}

// What ends a transfer from outside knows nothing of the file.
Error named(const Session& session, const Task& task, Error error) {
  if (error.kind == ErrorKind::interrupted) {
    error.message =
        fmt::format("{} is not all there: {}",
                    session.places.destination->name_of(task.destination), error.message);
  }
  return error;
}

// Gone between the walk and now: that is no failure, there is nothing to send.
bool has_vanished(const Task& task, const Error& error) {
  if (error.kind != ErrorKind::not_found) {
    return false;
  }
  const auto entry = task.source->stat(task.open_by);
  return entry && !*entry;
}

}  // namespace

Result<std::string> name_for_old(store::Store& destination, const std::string& key) {
  for (int number = 1; number < 100'000; ++number) {
    std::string name = fmt::format("{}.~{}~", key, number);
    TRY_ASSIGN(const auto there, destination.stat(name));
    if (!there) {
      return name;
    }
  }
  return fail(ErrorKind::failed, fmt::format("too many old generations of {}", key));
}

store::Target target_of(const Task& task, const store::Entry& now) {
  return {task.destination, now.size, now.mtime, now.mode & 07777};
}

bool is_torn(const store::Entry& before, const store::Entry& after) {
  return after.size < before.size || (after.size == before.size && after.mtime != before.mtime);
}

void finish_old(Session& session, Held::File file) {
  const auto sent = with_retries(
      session.options.transfer, session.halt,
      [&](const Error& error, Milliseconds pause) {
        session.tally.retry(file.task.destination, error, pause);
      },
      [&] { return append_rest(session, file); });
  if (!sent) {
    if (!session.halt.last_is_next()) {
      session.tally.problem(file.task.destination, sent.error());
    }
    session.held.keep(std::move(file));
  }
}

void transfer(Session& session, Task& task, const std::function<void(const Task&)>& done) {
  std::optional<FileEvent> event;
  const auto sent = with_retries(
      session.options.transfer, session.halt,
      [&](const Error& error, Milliseconds pause) {
        session.tally.retry(task.destination, error, pause);
      },
      [&]() -> Result<void> {
        auto result = attempt(session, task);
        // After a failure, what is there is not what it was; after a conflict, not what we thought.
        task.look_first = true;
        if (!result && result.error().kind == ErrorKind::conflict) {
          result = attempt(session, task);
        }
        TRY(result);
        event = std::move(*result);
        session.moved += event ? 0 : 1;
        return {};
      });
  if (event) {
    session.tally.file(*event);
    done(task);
  } else if (sent || session.halt.last_is_next()) {
    // Another look follows.
  } else if (has_vanished(task, sent.error())) {
    if (task.growing && !session.take_moved) {
      ++session.moved;  // it may have another name by now
    }
    session.tally.file({Action::left_out, task.destination, 0, "it vanished"});
  } else {
    session.tally.problem(task.destination, named(session, task, sent.error()));
  }
}

}  // namespace toolkit::sync
