#include "link_resolver.hpp"

#include "tree_path.hpp"

#include <algorithm>

namespace toolkit::selection {
namespace {

constexpr int kMostLinks = 40;  // as in the kernel: path_resolution(7)
constexpr std::string_view kOutside = "a symbolic link out of the source";
constexpr std::string_view kNowhere = "a symbolic link to nothing";

bool begins_with(const std::vector<std::string>& names, const std::vector<std::string>& start) {
  return names.size() >= start.size() && std::equal(start.begin(), start.end(), names.begin());
}

}  // namespace

LinkResolver::LinkResolver(store::Store& store, const std::string& root, const std::string& inside)
    : store_(store), root_(root), inside_(names_of(inside)) {}

Result<Resolved> LinkResolver::follow(const std::string& key) {
  found_ = {};
  links_ = 0;
  pending_.clear();
  place_ = names_of(key);
  place_.pop_back();
  TRY(read(key));
  while (!pending_.empty() && found_.trouble.empty()) {
    const std::string name = std::move(pending_.back());
    pending_.pop_back();
    TRY(step(name));
  }
  found_.key = here();
  if (found_.trouble.empty() && found_.entry.name.empty()) {  // it ended with "..", or was "."
    TRY_ASSIGN(const auto entry, store_.stat(found_.key));
    found_.trouble = entry ? "" : kNowhere;
    found_.entry = entry.value_or(store::Entry{});
  }
  if (found_.trouble.empty() && !begins_with(place_, inside_)) {
    found_.trouble = kOutside;
  }
  return found_;
}

// What the link says joins the way that is still to be gone.
Result<void> LinkResolver::read(const std::string& key) {
  TRY_ASSIGN(std::string target, store_.read_link(key));
  if (++links_ > kMostLinks) {
    found_.trouble = "a symbolic link that leads back to itself";
    return {};
  }
  if (!target.empty() && target.front() == '/') {
    const std::vector<std::string> root = names_of(root_), names = names_of(target);
    if (root_.empty() || !begins_with(names, root)) {
      found_.trouble = kOutside;
      return {};
    }
    place_.clear();
    pending_.insert(pending_.end(), names.rbegin(),
                    names.rend() - static_cast<std::ptrdiff_t>(root.size()));
    return {};
  }
  const std::vector<std::string> names = names_of(target);
  pending_.insert(pending_.end(), names.rbegin(), names.rend());
  return {};
}

Result<void> LinkResolver::step(const std::string& name) {
  found_.entry = {};
  if (name == "..") {
    if (place_.size() <= inside_.size()) {
      found_.trouble = kOutside;
    } else {
      place_.pop_back();
    }
    return {};
  }
  if (place_.size() < inside_.size() && inside_[place_.size()] != name) {
    found_.trouble = kOutside;  // on the way down from the root, to what is not wanted
    return {};
  }
  const std::string key = child_key(here(), name);
  TRY_ASSIGN(const auto entry, store_.stat(key));
  if (entry && entry->kind == store::Kind::symlink) {
    return read(key);
  }
  if (!entry || (entry->kind != store::Kind::directory && !pending_.empty())) {
    found_.trouble = kNowhere;
    return {};
  }
  place_.push_back(name);
  found_.entry = *entry;
  return {};
}

std::string LinkResolver::here() const {
  std::string key;
  for (const std::string& name : place_) {
    key = child_key(key, name);
  }
  return key;
}

}  // namespace toolkit::selection
