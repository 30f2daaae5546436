#include <toolkit/environment/snapshot.hpp>

#include <algorithm>
#include <cstring>

namespace toolkit::environment {
namespace {

constexpr const char* kNothing[] = {nullptr};

// Entries are compared in place: an entry without '=' has no name and is never found.
bool is_named(const char* entry, std::string_view name) {
  // The first letter decides nearly always, without a call.
  return !name.empty() && entry[0] == name[0] &&
         std::strncmp(entry, name.data(), name.size()) == 0 && entry[name.size()] == '=';
}

}  // namespace

Snapshot::Snapshot(const char* const* environment)
    : borrowed_(environment != nullptr ? environment : kNothing) {}

std::optional<std::string_view> Snapshot::get(std::string_view name) const {
  for (const char* const* entry = as_envp(); *entry != nullptr; ++entry) {
    if (is_named(*entry, name)) {
      return std::string_view(*entry).substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

void Snapshot::make_own() {
  if (entries_.empty()) {
    const char* const* end = borrowed_;
    while (*end != nullptr) {
      ++end;
    }
    entries_.assign(borrowed_, end + 1);
  }
}

void Snapshot::set(std::string_view name, std::string_view value) {
  make_own();
  std::string& text = strings_.emplace_back();
  text.reserve(name.size() + 1 + value.size());
  text.append(name).append(1, '=').append(value);
  const auto named = [&](const char* entry) { return entry != nullptr && is_named(entry, name); };
  const auto first = std::find_if(entries_.begin(), entries_.end(), named);
  if (first == entries_.end()) {
    entries_.insert(entries_.end() - 1, text.c_str());
    return;
  }
  *first = text.c_str();
  entries_.erase(std::remove_if(first + 1, entries_.end(), named), entries_.end());
}

void Snapshot::unset(std::string_view name) {
  if (get(name)) {
    make_own();
    std::erase_if(entries_,
                  [&](const char* entry) { return entry != nullptr && is_named(entry, name); });
  }
}

const char* const* Snapshot::as_envp() const {
  return entries_.empty() ? borrowed_ : entries_.data();
}

}  // namespace toolkit::environment
