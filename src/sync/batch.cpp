#include "batch.hpp"

#include "counted_flow.hpp"
#include "ownership.hpp"
#include "steady.hpp"
#include "tail_batch.hpp"
#include "transfer.hpp"
#include "whole.hpp"

#include <algorithm>
#include <iterator>

namespace toolkit::sync {
namespace {

using Contents = std::vector<Result<std::unique_ptr<store::Content>>>;

Contents open_all(const std::vector<Task>& tasks) {
  Contents opened;
  opened.reserve(tasks.size());
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    keys.push_back(tasks[i].open_by);
    if (i + 1 == tasks.size() || tasks[i + 1].source != tasks[i].source) {
      std::ranges::move(tasks[i].source->open_many(keys), std::back_inserter(opened));
      keys.clear();
    }
  }
  return opened;
}

// New files, each there at once. They come back as what it takes to send them, and as themselves.
class NewFiles {
 public:
  explicit NewFiles(Session& session) : session_(session) {}

  // False for a file that needs more than this: it was changed a moment ago.
  [[nodiscard]] bool add(Task& task, std::unique_ptr<store::Content> content) {
    task.entry = content->entry();
    if (!task.growing && is_fresh(*content, task.entry)) {
      return false;
    }
    tasks_.push_back(&task);
    targets_.push_back(target_of(task, task.entry));
    steady_.emplace_back(*content, task.entry, SteadyContent::Growth::change);
    owned_.push_back(std::move(content));
    return true;
  }

  // Comes back with those that need more than this.
  std::vector<Task*> send(const std::function<void(const Task&)>& done) {
    CountedFlow flow(session_);
    std::vector<store::Content*> contents;
    std::ranges::transform(steady_, std::back_inserter(contents),
                           [](SteadyContent& content) { return &content; });
    const auto results = session_.places.destination->put_many(targets_, contents, flow);
    std::vector<Task*> others;
    for (std::size_t i = 0; i < results.size(); ++i) {
      Task& task = *tasks_[i];
      if (!results[i]) {
        others.push_back(&task);
        continue;
      }
      if (task.growing) {
        session_.ledger.sent(task.destination, *contents[i], task.entry);
      }
      session_.tally.file({Action::created, task.destination, task.entry.size, "not there"});
      done(task);
    }
    return others;
  }

 private:
  Session& session_;
  std::vector<Task*> tasks_;
  std::vector<store::Target> targets_;
  std::vector<std::unique_ptr<store::Content>> owned_;
  std::vector<SteadyContent> steady_;
};

}  // namespace

bool fits_a_batch(const Task& task, const store::Capabilities& can, const Options& options) {
  if (task.look_first || task.entry.size > kSmallFile) {
    return false;
  }
  if (task.growing && can.tails > 1) {
    return !task.there || (task.there->kind == store::Kind::file && !options.follow.follow &&
                           !options.transfer.checksum);
  }
  return can.batch > 1 && !task.there && (!task.growing || can.append);
}

void transfer_batch(Session& session, std::vector<Task>& tasks,
                    const std::function<void(const Task&)>& done) {
  std::vector<Task*> others;
  if (may_write(session)) {
    const bool takes_tails = session.places.destination->capabilities().tails > 1;
    NewFiles files(session);
    TailBatch tails(session);
    Contents contents = open_all(tasks);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const bool as_tail = tasks[i].growing && takes_tails;
      const bool taken = contents[i] && (as_tail ? tails.add(tasks[i], std::move(*contents[i]))
                                                 : files.add(tasks[i], std::move(*contents[i])));
      if (!taken) {
        others.push_back(&tasks[i]);
      }
    }
    std::ranges::copy(files.send(done), std::back_inserter(others));
    std::ranges::copy(tails.send(done), std::back_inserter(others));
  } else {
    std::ranges::transform(tasks, std::back_inserter(others), [](Task& task) { return &task; });
  }
  for (Task* task : others) {
    task->look_first = true;
    transfer(session, *task, done);
  }
}

}  // namespace toolkit::sync
