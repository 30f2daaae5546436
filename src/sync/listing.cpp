#include "listing.hpp"

#include <algorithm>

namespace toolkit::sync {
namespace {

auto place_of(auto& entries, std::string_view name) {
  return std::lower_bound(
      entries.begin(), entries.end(), name,
      [](const store::Entry& entry, std::string_view other) { return entry.name < other; });
}

bool is_at(const auto& entries, auto place, std::string_view name) {
  return place != entries.end() && place->name == name;
}

}  // namespace

const store::Entry* Listing::find(std::string_view name) const {
  const auto place = place_of(entries_, name);
  return is_at(entries_, place, name) ? &*place : nullptr;
}

void Listing::rename(std::string_view from, const std::string& to) {
  const auto old = place_of(entries_, from);
  if (!is_at(entries_, old, from)) {
    return;
  }
  store::Entry entry = std::move(*old);
  entry.name = to;
  entries_.erase(old);
  const auto place = place_of(entries_, to);
  if (is_at(entries_, place, to)) {
    *place = std::move(entry);
  } else {
    entries_.insert(place, std::move(entry));
  }
}

}  // namespace toolkit::sync
