#include "transfer.hpp"

#include "compare.hpp"
#include "counted_flow.hpp"
#include "growth.hpp"
#include "proof.hpp"
#include "retry.hpp"

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

Result<FileEvent> append_tail(Session& session, const Task& task, store::Content& content,
                              const store::Entry& now, std::uint64_t offset, FileEvent event) {
  if (session.options.transfer.dry_run) {
    return event;
  }
  CountedFlow flow(session);
  std::string memo = session.ledger.memo(task.destination, now);
  const auto sent =
      session.places.destination->append(target_of(task, now), offset, content, flow, memo);
  if (!sent) {
    session.ledger.cut_off(task.destination, now, memo);
    return Failure(sent.error());
  }
  session.ledger.sent(task.destination, content, now, memo);
  return event;
}

Result<FileEvent> grow(Session& session, const Task& task, store::Content& content,
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
      return append_tail(session, task, content, now, growth.offset,
                         {task.there ? Action::appended : Action::created, task.destination,
                          now.size - growth.offset, growth.why});
    case Growth::Kind::rewritten:
      break;
  }
  if (session.options.transfer.on_rewrite == OnRewrite::replace) {
    return send_whole(session, task, content, now);
  }
  TRY(put_old_aside(session, task, growth.why));
  return append_tail(session, task, content, now, 0,
                     {Action::created, task.destination, now.size, "a new generation"});
}

Result<FileEvent> attempt(Session& session, Task& task) {
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
  TRY_ASSIGN(const auto content, task.source->open(task.open_by, false));
  TRY_ASSIGN(const store::Entry now, content->stat());
  if (task.growing) {
    return grow(session, task, *content, now);
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
        return {};
      });
  if (event) {
    session.tally.file(*event);
    done(task);
  } else if (has_vanished(task, sent.error())) {
    session.tally.file({Action::left_out, task.destination, 0, "it vanished"});
  } else {
    session.tally.problem(task.destination, sent.error());
  }
}

}  // namespace toolkit::sync
