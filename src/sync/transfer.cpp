#include "transfer.hpp"

#include "growing_file.hpp"
#include "ownership.hpp"
#include "proof.hpp"
#include "retry.hpp"
#include "whole.hpp"

#include <fmt/core.h>

namespace toolkit::sync {
namespace {

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
    return send_growing(session, task, std::move(content), now);
  }
  TRY_ASSIGN(std::string why, why_unchanged(session, task, *content, now));
  if (!why.empty()) {
    if (!session.options.transfer.dry_run) {
      session.ledger.sent(task.destination, *content, now);
    }
    return FileEvent{Action::unchanged, task.destination, 0, std::move(why)};
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
