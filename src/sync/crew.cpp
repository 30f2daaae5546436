#include "crew.hpp"

#include "batch.hpp"
#include "transfer.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::sync {
namespace {

std::size_t threads_of(const Session& session, const store::Capabilities& can) {
  return std::max<std::size_t>(1, session.options.transfer.jobs.value_or(can.streams));
}

}  // namespace

Crew::Crew(Session& session, const PassOptions& options)
    : session_(session),
      options_(options),
      can_(session.places.destination->capabilities()),
      queue_(threads_of(session, can_), [this](Job& job) { work(job); }) {}

void Crew::add(Task task) {
  if (options_.last) {
    held_back_.push_back(std::move(task));
  } else if (fits_a_batch(task, can_, session_.options) && !session_.options.transfer.dry_run) {
    batch_.push_back(std::move(task));
    if (batch_.size() >= std::max(can_.batch, can_.tails)) {
      flush_batch();
    }
  } else {
    queue_.add(Job{std::move(task)});
  }
}

void Crew::finish() {
  flush_batch();
  hand_over_held_back();
  session_.tally.all_found();
  queue_.finish();
}

void Crew::note(const std::string& destination, const store::Entry& entry) {
  if (options_.seen != nullptr) {
    options_.seen->note(destination, entry);
  }
}

void Crew::flush_batch() {
  if (!batch_.empty()) {
    queue_.add(std::exchange(batch_, {}));
  }
}

// The last words first: they say why the job died.
void Crew::hand_over_held_back() {
  std::ranges::stable_sort(held_back_, [](const Task& one, const Task& other) {
    return one.growing != other.growing ? one.growing : one.entry.mtime > other.entry.mtime;
  });
  for (Task& task : held_back_) {
    queue_.add(Job{std::move(task)});
  }
  held_back_.clear();
}

void Crew::work(Job& job) {
  if (session_.halt.last_is_next()) {
    return;  // which begins with what is most important
  }
  if (session_.halt.abandoned()) {
    for (const Task& task : job) {
      session_.tally.problem(task.destination, out_of_time(task));
    }
    return;
  }
  const auto done = [this](const Task& task) { note(task.destination, task.entry); };
  if (job.size() > 1) {
    transfer_batch(session_, job, done);
  } else {
    for (Task& task : job) {
      transfer(session_, task, done);
    }
  }
}

Error Crew::out_of_time(const Task& task) const {
  return {ErrorKind::interrupted,
          fmt::format("{} was not begun when the time was over",
                      session_.places.destination->name_of(task.destination)),
          "", 0};
}

}  // namespace toolkit::sync
