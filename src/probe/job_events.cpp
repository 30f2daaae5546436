#include "job_events.hpp"

#include <toolkit/job/release.hpp>

#include <algorithm>
#include <utility>

namespace toolkit::probe {

JobEvents::JobEvents(const std::vector<std::string>& directories) {
  for (const std::string& directory : directories) {
    watches_.push_back(std::make_unique<Watch>(directory + "/job.json"));
    watches_.push_back(std::make_unique<Watch>(directory + "/lock"));
  }
}

void JobEvents::follow(const std::string& directory) {
  if (!following_.exchange(true)) {
    for (const auto& watch : watches_) {
      watch->rest();
    }
  }
  if (!release_->bell || release_->awaited.exchange(true)) {
    return;
  }
  const bool started = start_abandonable_thread([release = release_, directory] {
    const bool free = job::await_release(directory);
    release->awaited = false;
    if (free) {
      ring(release->bell.get());
    }
  });
  if (!started) {
    release_->awaited = false;
  }
}

void JobEvents::aim() {
  for (const auto& watch : watches_) {
    if (!following_) {
      watch->aim();
    }
  }
}

// All watches of the process share one descriptor.
pollfd JobEvents::entry() const {
  return following_ ? pollfd{release_->bell.get(), POLLIN, 0} : watches_.front()->entry();
}

void JobEvents::hear() {
  if (following_) {
    silence(release_->bell.get());
    released_ = true;
  } else {
    watches_.front()->hear();
  }
}

bool JobEvents::stirred() const {
  return released_ ||
         std::ranges::any_of(watches_, [](const auto& watch) { return watch->stirred(); });
}

void JobEvents::calm() {
  released_ = false;
  for (const auto& watch : watches_) {
    watch->calm();
  }
}

int JobEvents::take_trouble() {
  int error = 0;
  for (const auto& watch : watches_) {
    error = std::max(error, watch->take_trouble());
  }
  return error;
}

}  // namespace toolkit::probe
