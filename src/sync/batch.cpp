#include "batch.hpp"

#include "counted_flow.hpp"
#include "ownership.hpp"
#include "steady.hpp"
#include "transfer.hpp"
#include "whole.hpp"

namespace toolkit::sync {
namespace {

// What could be opened of the tasks; the others go their own way, with the words for it.
struct Opened {
  std::vector<Task*> tasks;
  std::vector<store::Target> targets;
  std::vector<std::unique_ptr<store::Content>> owned;
  std::vector<SteadyContent> steady;
  std::vector<store::Content*> contents;
  std::vector<Task*> others;
};

Opened open_all(std::vector<Task>& tasks) {
  Opened opened;
  for (Task& task : tasks) {
    auto content = task.source->open(task.open_by, false);
    if (!content) {
      opened.others.push_back(&task);
      continue;
    }
    task.entry = (*content)->entry();
    if (!task.growing && is_fresh(**content, task.entry)) {
      opened.others.push_back(&task);
      continue;
    }
    opened.tasks.push_back(&task);
    opened.targets.push_back(target_of(task, task.entry));
    opened.steady.emplace_back(**content, task.entry, SteadyContent::Growth::change);
    opened.owned.push_back(std::move(*content));
  }
  for (SteadyContent& content : opened.steady) {
    opened.contents.push_back(&content);
  }
  return opened;
}

}  // namespace

bool fits_a_batch(const Task& task, const store::Capabilities& can) {
  constexpr std::uint64_t kSmall = 65'536;
  return can.batch > 1 && !task.look_first && !task.there && task.entry.size <= kSmall &&
         (!task.growing || can.append);
}

void transfer_batch(Session& session, std::vector<Task>& tasks,
                    const std::function<void(const Task&)>& done) {
  if (!may_write(session)) {
    for (Task& task : tasks) {
      transfer(session, task, done);
    }
    return;
  }
  Opened opened = open_all(tasks);
  CountedFlow flow(session);
  const auto results = session.places.destination->put_many(opened.targets, opened.contents, flow);
  for (std::size_t i = 0; i < results.size(); ++i) {
    Task& task = *opened.tasks[i];
    if (!results[i]) {
      opened.others.push_back(&task);
      continue;
    }
    if (task.growing) {
      session.ledger.sent(task.destination, *opened.contents[i], task.entry);
    }
    session.tally.file({Action::created, task.destination, task.entry.size, "not there"});
    done(task);
  }
  for (Task* task : opened.others) {
    task->look_first = true;
    transfer(session, *task, done);
  }
}

}  // namespace toolkit::sync
