#include "growing_file.hpp"

#include "compare.hpp"
#include "generation.hpp"
#include "growth.hpp"
#include "ownership.hpp"
#include "retry.hpp"
#include "tail.hpp"
#include "whole.hpp"

namespace toolkit::sync {
namespace {

Result<FileEvent> grow(Session& session, Task& task, store::Content& content,
                       const store::Entry& now) {
  TRY_ASSIGN(const Growth growth, judge_growth(session, task, content, now));
  switch (growth.kind) {
    case Growth::Kind::equal:
      if (!session.options.transfer.dry_run) {
        if (task.there && session.places.destination->capabilities().times &&
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

}  // namespace

Result<FileEvent> send_growing(Session& session, Task& task,
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

}  // namespace toolkit::sync
