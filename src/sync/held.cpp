#include "held.hpp"

#include <algorithm>

namespace toolkit::sync {

void Held::keep(File file) {
  const std::lock_guard lock(mutex_);
  std::string key = file.task.destination;
  files_.insert_or_assign(std::move(key), Kept{std::move(file), next_number_++, true});
  if (files_.size() > kMost) {
    files_.erase(
        std::ranges::min_element(files_, {}, [](const auto& item) { return item.second.number; }));
  }
}

std::optional<Held::File> Held::take_other(const std::string& key, const store::Identity& now) {
  const std::lock_guard lock(mutex_);
  const auto place = files_.find(key);
  if (place == files_.end() || place->second.file.content->entry().identity == now) {
    return std::nullopt;
  }
  File file = std::move(place->second.file);
  files_.erase(place);
  return file;
}

void Held::renamed(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  if (auto node = files_.extract(from)) {
    files_.erase(to);
    node.key() = to;
    node.mapped().file.task.destination = to;
    node.mapped().file.task.open_by = to;
    files_.insert(std::move(node));
  }
}

void Held::begin_walk() {
  const std::lock_guard lock(mutex_);
  for (auto& [key, kept] : files_) {
    kept.met = false;
  }
}

void Held::met(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (const auto place = files_.find(key); place != files_.end()) {
    place->second.met = true;
  }
}

std::vector<Held::File> Held::take_missed() {
  const std::lock_guard lock(mutex_);
  std::vector<File> missed;
  for (auto place = files_.begin(); place != files_.end();) {
    if (place->second.met) {
      ++place;
    } else {
      missed.push_back(std::move(place->second.file));
      place = files_.erase(place);
    }
  }
  return missed;
}

}  // namespace toolkit::sync
