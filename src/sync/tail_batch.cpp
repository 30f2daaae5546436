#include "tail_batch.hpp"

#include "counted_flow.hpp"
#include "growth.hpp"
#include "whole.hpp"

namespace toolkit::sync {

bool TailBatch::add(Task& task, std::unique_ptr<store::Content> content) {
  const store::Entry now = content->entry();
  if (task.entry.identity != now.identity || now.size > kSmallFile) {
    return false;
  }
  auto snapshot = Snapshot::take(std::move(content));
  if (!snapshot || *snapshot == nullptr) {
    return false;
  }
  auto growth = judge_growth(session_, task, **snapshot, now);
  if (!growth || growth->kind != Growth::Kind::tail) {
    return false;
  }
  task.grew_from = growth->offset;
  items_.push_back({&task, std::move(*snapshot), now, growth->offset, std::move(growth->why)});
  return true;
}

// copytruncate while we read: what went out may be of two files.
bool TailBatch::is_sent(Item& item, const Result<void>& result) {
  if (!result) {
    return false;
  }
  const auto itself = item.content->is_still_itself();
  if (!itself || !*itself) {
    session_.ledger.forget(item.task->destination);
    return false;
  }
  return true;
}

std::vector<Task*> TailBatch::send(const std::function<void(const Task&)>& done) {
  std::vector<store::Tail> tails;
  tails.reserve(items_.size());
  for (const Item& item : items_) {
    tails.push_back({target_of(*item.task, item.now), item.offset, item.content.get()});
  }
  CountedFlow flow(session_);
  const auto results = session_.places.destination->append_many(tails, flow);
  std::vector<Task*> others;
  for (std::size_t i = 0; i < results.size(); ++i) {
    Item& item = items_[i];
    Task& task = *item.task;
    if (!is_sent(item, results[i])) {
      others.push_back(&task);
      continue;
    }
    task.entry = item.now;
    session_.ledger.sent(task.destination, *item.content, item.now);
    session_.tally.file({task.there ? Action::appended : Action::created, task.destination,
                         item.now.size - item.offset, std::move(item.why)});
    done(task);
  }
  return others;
}

}  // namespace toolkit::sync
